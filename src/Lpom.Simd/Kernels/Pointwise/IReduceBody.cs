using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>The inputs of a reduction, standing at an element, and how they reduce.</summary>
internal interface IReduceBody<TSelf>
    where TSelf : struct, IReduceBody<TSelf>
{
    /// <summary>What nothing reduces to.</summary>
    static abstract double Empty { get; }

    /// <summary>Two parts into one.</summary>
    static abstract double Combine(double a, double b);

    /// <summary>The same inputs, standing some rows and columns further.</summary>
    TSelf Skip(nint rows, nint cols);

    /// <summary>Reduces the next <paramref name="count"/> elements of the row.</summary>
    double Block<TW, TV>(nint count)
        where TW : struct, ISimdWidth<TV>
        where TV : struct;
}
