using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>Two functions of three numbers that share work. Implement it as a struct whose fields are its constants.</summary>
public interface ITernaryPairOperator
{
    /// <summary>The first function is returned, the second given by <paramref name="second"/>, lane by lane.</summary>
    TV Apply<TW, TV>(TV x, TV y, TV z, out TV second)
        where TW : struct, ISimdWidth<TV>
        where TV : struct;
}
