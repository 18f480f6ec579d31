using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>The loops of every map over a block [rows × cols].</summary>
/// <remarks>
/// The tail of a row is a vector that ends with the row and overlaps the one before. It is computed before the loop stores anything and
/// stored after it, so an input may be the result. Rows shorter than a vector run at scalar width.
/// </remarks>
internal readonly struct MapKernel<TBody>(TBody body, nint rows, nint cols) : IKernel
    where TBody : struct, IMapBody<TBody>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TW, TV>()
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        for (nint r = 0; r < rows; r++)
        {
            TBody row = body.Skip(r, 0);
            if (cols < TW.Lanes) Short(row);
            else Long<TW, TV>(row);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Long<TW, TV>(TBody row)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        nint last = cols - TW.Lanes;
        TV tail = row.Compute<TW, TV>(last, out TV secondTail);
        for (nint i = 0; i < last; i += TW.Lanes)
        {
            TV first = row.Compute<TW, TV>(i, out TV second);
            row.Store<TW, TV>(first, second, i);
        }
        row.Store<TW, TV>(tail, secondTail, last);
    }

    // A call of its own: the operator at a second width would use up the JIT's inlining budget of the loop above.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Short(TBody row)
    {
        for (nint i = 0; i < cols; i++)
        {
            float first = row.Compute<WidthScalar, float>(i, out float second);
            row.Store<WidthScalar, float>(first, second, i);
        }
    }
}
