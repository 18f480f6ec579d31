using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// A product of one row with a transposed B, c = α·a·Bᵀ (+ c), over a range of c's elements: each is the product of a with a stored row
/// of B, which is read once. A lane sums one row's terms in turn, by squares of B that are transposed in registers: the same chains of
/// FMA as in <see cref="GemmKernel"/>, so that a sample alone gives the bits that it gives in a batch.
/// </summary>
internal readonly unsafe struct GemvTransposedJob<TW, TV, TEpilogue>(GemmProblem problem, TEpilogue epilogue) : ITeamJob
    where TW : struct, ISimdWidth<TV>
    where TV : struct
    where TEpilogue : struct, IGemmEpilogue
{
    private const int LineFloats = AlignedBuffer.Alignment / sizeof(float);

    private readonly GemmProblem _problem = problem;
    private readonly TEpilogue _epilogue = epilogue;

    /// <inheritdoc />
    public void Run(int worker, int first, int end)
    {
        int row = RowPairs<TW, TV>(first, end);
        if (TW.Lanes > 8) row = RowPairs<Width256, Vector256<float>>(row, end);
        if (TW.Lanes > 4) row = RowPairs<Width128, Vector128<float>>(row, end);
        for (; row < end; row++) Row(row);
        Epilogue.Apply<TW, TV, TEpilogue>(_epilogue, _problem.C + first, _problem.StrideC, 1, end - first, first);
    }

    // Two vectors of rows at a time, whose chains hide each other's latency; the row after the last.
    private int RowPairs<TW1, TV1>(int row, int end)
        where TW1 : struct, ISimdWidth<TV1>
        where TV1 : struct
    {
        int pair = 2 * TW1.Lanes;
        float* room = stackalloc float[(pair * TW1.Lanes) + pair + LineFloats];
        float* squares = Aligned(room), sums = squares + (pair * TW1.Lanes);
        for (; row + pair <= end; row += pair)
        {
            for (int depth = 0; depth < _problem.K; depth += GemmBlocking.KC)
            {
                float* a = _problem.A + (depth * _problem.DepthStepA), b = _problem.B + (row * _problem.StrideB) + depth;
                int count = Math.Min(GemmBlocking.KC, _problem.K - depth), whole = count / TW1.Lanes * TW1.Lanes;
                SumSquares<TW1, TV1>(a, b, whole, squares, sums);
                for (int term = whole; term < count; term++) AddTerm(a[term * _problem.DepthStepA], b + term, sums, pair);
                for (int i = 0; i < pair; i++) Store(sums[i], row + i, depth);
            }
        }
        return row;
    }

    // On its own: a call beside the loop would push the sums out of their registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private void SumSquares<TW1, TV1>(float* a, float* b, int count, float* square0, float* sums)
        where TW1 : struct, ISimdWidth<TV1>
        where TV1 : struct
    {
        nint stride = _problem.StrideB, stepA = _problem.DepthStepA;
        float* square1 = square0 + (TW1.Lanes * TW1.Lanes);
        TV1 sum0 = TW1.Zero, sum1 = TW1.Zero;
        for (; count > 0; count -= TW1.Lanes, b += TW1.Lanes)
        {
            TW1.Transpose(b, stride, square0, TW1.Lanes);
            TW1.Transpose(b + (TW1.Lanes * stride), stride, square1, TW1.Lanes);
            for (nint term = 0; term < TW1.Lanes * TW1.Lanes; term += TW1.Lanes, a += stepA)
            {
                TV1 x = TW1.Broadcast(*a);
                sum0 = TW1.Fma(x, TW1.Load(square0 + term), sum0);
                sum1 = TW1.Fma(x, TW1.Load(square1 + term), sum1);
            }
        }
        TW1.Store(sum0, sums);
        TW1.Store(sum1, sums + TW1.Lanes);
    }

    // One of the last terms, fewer than a vector, for both vectors of rows.
    private void AddTerm(float x, float* b, float* sums, int count)
    {
        for (int i = 0; i < count; i++) sums[i] = WidthScalar.Fma(x, b[i * _problem.StrideB], sums[i]);
    }

    private void Row(int row)
    {
        for (int depth = 0; depth < _problem.K; depth += GemmBlocking.KC)
        {
            float* a = _problem.A + (depth * _problem.DepthStepA), b = _problem.B + (row * _problem.StrideB) + depth;
            float sum = 0;
            for (int count = Math.Min(GemmBlocking.KC, _problem.K - depth); count > 0; count--, a += _problem.DepthStepA, b++)
                sum = WidthScalar.Fma(*a, *b, sum);
            Store(sum, row, depth);
        }
    }

    // c ← α·sum, or c + α·sum.
    private void Store(float sum, int row, int depth)
    {
        float* c = _problem.C + row;
        *c = depth > 0 || _problem.Accumulate ? WidthScalar.Fma(_problem.Alpha, sum, *c) : _problem.Alpha * sum;
    }

    // A vector that is stored across two cache lines and read again at once stops the processor.
    private static float* Aligned(float* p) => (float*)(((nuint)p + AlignedBuffer.Alignment - 1) & ~(nuint)(AlignedBuffer.Alignment - 1));
}
