using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>A function of three numbers, written once for every vector width. Implement it as a struct whose fields are its constants.</summary>
public interface ITernaryOperator
{
    /// <inheritdoc cref="IUnaryOperator.Apply" />
    TV Apply<TW, TV>(TV x, TV y, TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct;
}
