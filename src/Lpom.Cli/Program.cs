System.Console.WriteLine(System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated + " " + System.Runtime.Intrinsics.Vector256.IsHardwareAccelerated);
return 0;
