using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// Solves with a lower triangular L [n × n], in place, for many right-hand sides. The halves of L are solved one after the other with
/// a matrix product between them, down to blocks that substitution solves.
/// </summary>
/// <remarks>
/// Only L's lower triangle is read. Nothing is checked for zeros: a zero pivot gives infinities and NaN, as division does. Results
/// are bit-equal for any number of threads. Allocates nothing.
/// </remarks>
internal static unsafe class TriangularSolve
{
    /// <summary>Order of the blocks that substitution solves.</summary>
    internal const int BlockSize = 64;

    /// <summary>L·Y = B: B ← L⁻¹·B.</summary>
    /// <param name="context">Width, team and scratch.</param>
    /// <param name="l">L: [n × n], lower triangle.</param>
    /// <param name="b">B, then Y: [n × columns]; must not overlap L.</param>
    /// <exception cref="ArgumentException">L is not square, or B has another number of rows; B is untouched.</exception>
    public static void Lower(KernelContext context, ReadOnlyMatrixView l, MatrixView b)
    {
        Check(l, b.Rows);
        if (b.Rows > 0 && b.Cols > 0) SolveLower(context, l, b);
    }

    /// <summary>Lᵀ·Y = B: B ← L⁻ᵀ·B.</summary>
    /// <inheritdoc cref="Lower" path="/param | /exception" />
    public static void LowerTransposed(KernelContext context, ReadOnlyMatrixView l, MatrixView b)
    {
        Check(l, b.Rows);
        if (b.Rows > 0 && b.Cols > 0) SolveLowerTransposed(context, l, b);
    }

    /// <summary>Y·L = B: B ← B·L⁻¹.</summary>
    /// <param name="context">Width, team and scratch.</param>
    /// <param name="l">L: [n × n], lower triangle.</param>
    /// <param name="b">B, then Y: [rows × n]; must not overlap L.</param>
    /// <exception cref="ArgumentException">L is not square, or B has another number of columns; B is untouched.</exception>
    public static void RightLower(KernelContext context, ReadOnlyMatrixView l, MatrixView b)
    {
        Check(l, b.Cols);
        if (b.Rows > 0 && b.Cols > 0) SolveRightLower(context, l, b);
    }

    /// <summary>Y·Lᵀ = B: B ← B·L⁻ᵀ.</summary>
    /// <inheritdoc cref="RightLower" path="/param | /exception" />
    public static void RightLowerTransposed(KernelContext context, ReadOnlyMatrixView l, MatrixView b)
    {
        Check(l, b.Cols);
        if (b.Rows > 0 && b.Cols > 0) SolveRightLowerTransposed(context, l, b);
    }

    /// <summary>Where to halve a matrix of order <paramref name="size"/>: a multiple of the block size.</summary>
    internal static int Half(int size) => (size / 2 + BlockSize - 1) / BlockSize * BlockSize;

    private static void SolveLower(KernelContext context, ReadOnlyMatrixView l, MatrixView b)
    {
        int n = b.Rows;
        if (n <= BlockSize)
        {
            Substitute(context, l, b, transposed: false);
            return;
        }
        int half = Half(n), rest = n - half;
        MatrixView top = b.SliceRows(0, half), bottom = b.SliceRows(half, rest);
        SolveLower(context, Block(l, 0, half, 0, half), top);
        Gemm.Multiply(context, GemmForm.NN, Block(l, half, rest, 0, half), top, bottom, alpha: -1, accumulate: true);
        SolveLower(context, Block(l, half, rest, half, rest), bottom);
    }

    private static void SolveLowerTransposed(KernelContext context, ReadOnlyMatrixView l, MatrixView b)
    {
        int n = b.Rows;
        if (n <= BlockSize)
        {
            Substitute(context, l, b, transposed: true);
            return;
        }
        int half = Half(n), rest = n - half;
        MatrixView top = b.SliceRows(0, half), bottom = b.SliceRows(half, rest);
        SolveLowerTransposed(context, Block(l, half, rest, half, rest), bottom);
        Gemm.Multiply(context, GemmForm.TN, Block(l, half, rest, 0, half), bottom, top, alpha: -1, accumulate: true);
        SolveLowerTransposed(context, Block(l, 0, half, 0, half), top);
    }

    private static void SolveRightLower(KernelContext context, ReadOnlyMatrixView l, MatrixView b)
    {
        int n = b.Cols;
        if (n <= BlockSize)
        {
            SubstituteRight(context, l, b, transposed: false);
            return;
        }
        int half = Half(n), rest = n - half;
        MatrixView left = b.SliceCols(0, half), right = b.SliceCols(half, rest);
        SolveRightLower(context, Block(l, half, rest, half, rest), right);
        Gemm.Multiply(context, GemmForm.NN, right, Block(l, half, rest, 0, half), left, alpha: -1, accumulate: true);
        SolveRightLower(context, Block(l, 0, half, 0, half), left);
    }

    private static void SolveRightLowerTransposed(KernelContext context, ReadOnlyMatrixView l, MatrixView b)
    {
        int n = b.Cols;
        if (n <= BlockSize)
        {
            SubstituteRight(context, l, b, transposed: true);
            return;
        }
        int half = Half(n), rest = n - half;
        MatrixView left = b.SliceCols(0, half), right = b.SliceCols(half, rest);
        SolveRightLowerTransposed(context, Block(l, 0, half, 0, half), left);
        Gemm.Multiply(context, GemmForm.NT, left, Block(l, half, rest, 0, half), right, alpha: -1, accumulate: true);
        SolveRightLowerTransposed(context, Block(l, half, rest, half, rest), right);
    }

    private static void Substitute(KernelContext context, ReadOnlyMatrixView l, MatrixView b, bool transposed)
    {
        fixed (float* pointerL = l, pointerB = b)
        {
            SubstitutionKernel kernel = new(context, pointerL, l.Stride, b.Rows, transposed, pointerB, b.Stride, b.Cols, scratch: null);
            SimdLevel.Run(context.Width, ref kernel);
        }
    }

    // Y·L = B is Lᵀ·Yᵀ = Bᵀ: rows of B become columns in scratch.
    private static void SubstituteRight(KernelContext context, ReadOnlyMatrixView l, MatrixView b, bool transposed)
    {
        float* scratch = context.Scratch(ScratchSlot.Diagonal, SubstitutionKernel.ScratchLength * context.Team.Size);
        fixed (float* pointerL = l, pointerB = b)
        {
            SubstitutionKernel kernel = new(context, pointerL, l.Stride, b.Cols, !transposed, pointerB, b.Stride, b.Rows, scratch);
            SimdLevel.Run(context.Width, ref kernel);
        }
    }

    private static ReadOnlyMatrixView Block(ReadOnlyMatrixView l, int row, int rows, int col, int cols) =>
        l.SliceRows(row, rows).SliceCols(col, cols);

    private static void Check(ReadOnlyMatrixView l, int size)
    {
        if (l.Rows != l.Cols) throw new ArgumentException($"L is [{l.Rows} × {l.Cols}], not square.", nameof(l));
        if (l.Rows != size) throw new ArgumentException($"L is [{l.Rows} × {l.Cols}]; the right-hand sides have length {size}.", nameof(size));
    }
}
