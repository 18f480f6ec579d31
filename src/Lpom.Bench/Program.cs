using BenchmarkDotNet.Running;
using Lpom.Bench.Ratios;
using Lpom.Bench.Stages;

const string Usage = """
    Usage: dotnet run -c Release --project src/Lpom.Bench -- COMMAND

      ratios [--threads N] [--simd 512|256|128|1] [--op NAME]
          The dense kernels and OpenBLAS (when libopenblas is there) alternately on the same
          buffers: one line of JSON per shape on stdout, what was compared on stderr.
      suites [BenchmarkDotNet arguments]
          The BenchmarkDotNet suites, one per stage. 'suites --list flat' names them.
    """;

switch (args)
{
    case ["ratios", .. string[] rest]:
        return RatiosCommand.Run(rest);
    case ["suites", .. string[] rest]:
        BenchmarkSwitcher.FromAssembly(typeof(DenseBenchmarks).Assembly).Run(rest);
        return 0;
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}
