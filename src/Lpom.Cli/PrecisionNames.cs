using Lpom.Simd.Kernels.Memory;

namespace Lpom.Cli;

/// <summary>The names of the precisions of weights, as the command line writes them.</summary>
internal static class PrecisionNames
{
    private const string Float32 = "float32", BFloat16 = "bfloat16", Int8 = "int8";

    /// <summary>Every name, in the order of <see cref="WeightPrecision"/>.</summary>
    public static readonly string[] All = [Float32, BFloat16, Int8];

    public static string Name(this WeightPrecision precision) => All[(int)precision];

    /// <summary>The precision of a name that is one of <see cref="All"/>.</summary>
    public static WeightPrecision Of(string name) => (WeightPrecision)Array.IndexOf(All, name);
}
