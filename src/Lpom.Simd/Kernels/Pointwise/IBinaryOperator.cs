using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>A function of two numbers, written once for every vector width. Implement it as a struct whose fields are its constants.</summary>
public interface IBinaryOperator
{
    /// <inheritdoc cref="IUnaryOperator.Apply" />
    TV Apply<TW, TV>(TV x, TV y)
        where TW : struct, ISimdWidth<TV>
        where TV : struct;
}
