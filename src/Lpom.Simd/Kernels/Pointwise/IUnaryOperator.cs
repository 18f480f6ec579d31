using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>A function of one number, written once for every vector width. Implement it as a struct whose fields are its constants.</summary>
public interface IUnaryOperator
{
    /// <summary>The function, lane by lane. Mark it <c>AggressiveInlining</c>: it becomes the body of the kernel's loop.</summary>
    TV Apply<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct;
}
