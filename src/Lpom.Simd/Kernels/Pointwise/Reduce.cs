using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>
/// Sums, maxima and checks over all elements of a matrix. The order of additions follows from the shape, the density and the vector
/// width alone, so the bits do not depend on the number of workers. Blocks of at most 512 elements add up in float, in four
/// accumulators per lane, the blocks in double: a sum of positive terms has a relative error below 2e-6 at a vector width. A call allocates nothing once the
/// context's scratch has grown to it.
/// </summary>
public static unsafe class Reduce
{
    /// <summary>Σ xᵢyᵢ.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static double Dot(KernelContext context, ReadOnlyMatrixView x, ReadOnlyMatrixView y) => Sum(context, default(Product), x, y);

    /// <summary>Σ xᵢ². A square over 3.4e38 makes it +∞.</summary>
    public static double SumSquares(KernelContext context, ReadOnlyMatrixView x) => Sum(context, default(Square), x);

    /// <summary>Σ (xᵢ − yᵢ)².</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static double SumSquaredDifference(KernelContext context, ReadOnlyMatrixView x, ReadOnlyMatrixView y) =>
        Sum(context, default(SquaredDifference), x, y);

    /// <summary>Σ op(xᵢ).</summary>
    public static double Sum<TOp>(KernelContext context, TOp op, ReadOnlyMatrixView x)
        where TOp : struct, IUnaryOperator
    {
        fixed (float* px = x)
        {
            UnaryTerms<TOp> terms = new(op, new(px, x.Stride));
            return Run(context, new SumBody<UnaryTerms<TOp>>(terms), x.Rows, x.Cols, x.IsDense);
        }
    }

    /// <summary>Σ op(xᵢ, yᵢ).</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static double Sum<TOp>(KernelContext context, TOp op, ReadOnlyMatrixView x, ReadOnlyMatrixView y)
        where TOp : struct, IBinaryOperator
    {
        ElementwiseShape.Check(x, y, nameof(x));
        fixed (float* px = x, py = y)
        {
            BinaryTerms<TOp> terms = new(op, new(px, x.Stride), new(py, y.Stride));
            return Run(context, new SumBody<BinaryTerms<TOp>>(terms), x.Rows, x.Cols, x.IsDense && y.IsDense);
        }
    }

    /// <summary>max |xᵢ|; 0 of nothing, NaN when there is a NaN.</summary>
    public static float MaxAbs(KernelContext context, ReadOnlyMatrixView x)
    {
        fixed (float* px = x) return (float)Run(context, new MaxAbsBody(new(px, x.Stride)), x.Rows, x.Cols, x.IsDense);
    }

    /// <summary>Whether no element is NaN or infinite.</summary>
    public static bool AllFinite(KernelContext context, ReadOnlyMatrixView x)
    {
        fixed (float* px = x) return Run(context, new AllFiniteBody(new(px, x.Stride)), x.Rows, x.Cols, x.IsDense) != 0.0;
    }

    private static double Run<TBody>(KernelContext context, TBody body, int rows, int cols, bool flat)
        where TBody : struct, IReduceBody<TBody>
    {
        long elements = (long)rows * cols;
        if (elements == 0) return TBody.Empty;
        if (flat && elements <= int.MaxValue) (rows, cols) = (1, (int)elements);
        int chunks = new ReduceJob<TBody>(body, rows, cols, null, context.Width).Chunks;
        double* partials = (double*)context.Scratch(ScratchSlot.Partials, checked(chunks * 2));
        ReduceJob<TBody> job = new(body, rows, cols, partials, context.Width);
        context.Run(WorkKind.Elementwise, job, chunks, elements < Map.SerialElements ? chunks : 1);
        double result = TBody.Empty;
        for (int chunk = 0; chunk < chunks; chunk++) result = TBody.Combine(result, partials[chunk]);
        // The partials live in the context's scratch.
        GC.KeepAlive(context);
        return result;
    }

    private readonly struct Product : IBinaryOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TV Apply<TW, TV>(TV x, TV y)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => TW.Multiply(x, y);
    }

    private readonly struct Square : IUnaryOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => TW.Multiply(x, x);
    }

    private readonly struct SquaredDifference : IBinaryOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TV Apply<TW, TV>(TV x, TV y)
            where TW : struct, ISimdWidth<TV>
            where TV : struct
        {
            TV difference = TW.Subtract(x, y);
            return TW.Multiply(difference, difference);
        }
    }
}
