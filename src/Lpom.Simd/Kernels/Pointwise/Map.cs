using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>
/// Applies an operator to every element of its inputs. The results have the same bits at every vector width and for every number of
/// workers; a call allocates nothing.
/// </summary>
/// <remarks>
/// All matrices of a call have one shape [rows × cols], each with a stride of its own. A result may be one of the inputs (same start,
/// same stride); otherwise it must not overlap them, nor another result.
/// </remarks>
public static unsafe class Map
{
    /// <summary>Work below this many elements, 3 (ReLU) to 12 µs (tanh) with AVX2, stays on the caller's thread.</summary>
    internal const int SerialElements = 1 << 15;

    /// <summary>result = op(x), elementwise.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void Unary<TOp>(KernelContext context, TOp op, ReadOnlyMatrixView x, MatrixView result)
        where TOp : struct, IUnaryOperator
    {
        ElementwiseShape.Check(x, result, nameof(x));
        bool flat = x.IsDense && result.IsDense;
        fixed (float* px = x, pr = result)
            Run(context, new UnaryBody<TOp>(op, new(px, x.Stride), new(pr, result.Stride)), result.Rows, result.Cols, flat);
    }

    /// <summary>result = op(x, y), elementwise.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void Binary<TOp>(KernelContext context, TOp op, ReadOnlyMatrixView x, ReadOnlyMatrixView y, MatrixView result)
        where TOp : struct, IBinaryOperator
    {
        ElementwiseShape.Check(x, result, nameof(x));
        ElementwiseShape.Check(y, result, nameof(y));
        bool flat = x.IsDense && y.IsDense && result.IsDense;
        fixed (float* px = x, py = y, pr = result)
        {
            BinaryBody<TOp> body = new(op, new(px, x.Stride), new(py, y.Stride), new(pr, result.Stride));
            Run(context, body, result.Rows, result.Cols, flat);
        }
    }

    /// <summary>result = op(x, y, z), elementwise.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void Ternary<TOp>(
        KernelContext context, TOp op, ReadOnlyMatrixView x, ReadOnlyMatrixView y, ReadOnlyMatrixView z, MatrixView result)
        where TOp : struct, ITernaryOperator
    {
        ElementwiseShape.Check(x, result, nameof(x));
        ElementwiseShape.Check(y, result, nameof(y));
        ElementwiseShape.Check(z, result, nameof(z));
        bool flat = x.IsDense && y.IsDense && z.IsDense && result.IsDense;
        fixed (float* px = x, py = y, pz = z, pr = result)
        {
            TernaryBody<TOp> body = new(op, new(px, x.Stride), new(py, y.Stride), new(pz, z.Stride), new(pr, result.Stride));
            Run(context, body, result.Rows, result.Cols, flat);
        }
    }

    /// <summary>result = op(x, y, z) on one row, on the caller's thread: for a job that is on the team already.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    internal static void TernaryRow<TOp>(
        SimdWidth width, TOp op, ReadOnlySpan<float> x, ReadOnlySpan<float> y, ReadOnlySpan<float> z, Span<float> result)
        where TOp : struct, ITernaryOperator
    {
        if (x.Length != result.Length || y.Length != result.Length || z.Length != result.Length)
            throw new ArgumentException($"The rows have {x.Length}, {y.Length} and {z.Length} values, the result {result.Length}.", nameof(x));
        if (result.IsEmpty) return;
        fixed (float* px = x, py = y, pz = z, pr = result)
        {
            MapKernel<TernaryBody<TOp>> kernel = new(new(op, new(px, 0), new(py, 0), new(pz, 0), new(pr, 0)), 1, result.Length);
            SimdLevel.Run(width, ref kernel);
        }
    }

    /// <summary>(first, second) = op(x, y, z), elementwise.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public static void TernaryPair<TOp>(
        KernelContext context,
        TOp op,
        ReadOnlyMatrixView x,
        ReadOnlyMatrixView y,
        ReadOnlyMatrixView z,
        MatrixView first,
        MatrixView second)
        where TOp : struct, ITernaryPairOperator
    {
        ElementwiseShape.Check(x, first, nameof(x));
        ElementwiseShape.Check(y, first, nameof(y));
        ElementwiseShape.Check(z, first, nameof(z));
        ElementwiseShape.Check(second, first, nameof(second));
        bool flat = x.IsDense && y.IsDense && z.IsDense && first.IsDense && second.IsDense;
        fixed (float* px = x, py = y, pz = z, pf = first, ps = second)
        {
            TernaryPairBody<TOp> body = new(
                op, new(px, x.Stride), new(py, y.Stride), new(pz, z.Stride), new(pf, first.Stride), new(ps, second.Stride));
            Run(context, body, first.Rows, first.Cols, flat);
        }
    }

    private static void Run<TBody>(KernelContext context, TBody body, int rows, int cols, bool flat)
        where TBody : struct, IMapBody<TBody>
    {
        long elements = (long)rows * cols;
        if (elements == 0) return;
        MapJob<TBody> job = flat && elements <= int.MaxValue
            ? new(body, 1, (int)elements, context.Width)
            : new(body, rows, cols, context.Width);
        context.Run(WorkKind.Elementwise, job, job.Total, elements < SerialElements ? job.Total : job.Grain);
    }
}
