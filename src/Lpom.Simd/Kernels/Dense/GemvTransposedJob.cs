using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// A product of one row with a transposed B, c = α·a·Bᵀ (+ c), over a range of c's elements: each is the product of a with a stored row
/// of B, which is read once. A lane sums one row's terms in turn, by columns of B that are transposed in registers: the same chains of
/// FMA as in <see cref="GemmKernel"/>, so that a sample alone gives the bits that it gives in a batch.
/// </summary>
internal readonly unsafe struct GemvTransposedJob<TW, TV, TEpilogue>(GemmProblem problem, TEpilogue epilogue) : ITeamJob
    where TW : struct, ISimdWidth<TV>
    where TV : struct
    where TEpilogue : struct, IGemmEpilogue
{
    private readonly GemmProblem _problem = problem;
    private readonly TEpilogue _epilogue = epilogue;

    /// <inheritdoc />
    public void Run(int worker, int first, int end)
    {
        int row = first;
        for (; row + (4 * TW.Lanes) <= end; row += 4 * TW.Lanes) Rows4(row);
        for (; row + TW.Lanes <= end; row += TW.Lanes) Rows<TW, TV>(row);
        for (; row < end; row++) Rows<WidthScalar, float>(row);
        Epilogue.Apply<TW, TV, TEpilogue>(_epilogue, _problem.C + first, _problem.StrideC, 1, end - first, first);
    }

    // Four vectors of sums hide the latency of the chains.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rows4(int row)
    {
        nint stride = _problem.StrideB, stepA = _problem.DepthStepA, step = TW.Lanes * stride;
        for (int depth = 0; depth < _problem.K; depth += GemmBlocking.KC)
        {
            TV sum0 = TW.Zero, sum1 = TW.Zero, sum2 = TW.Zero, sum3 = TW.Zero;
            float* a = _problem.A + (depth * stepA), b = _problem.B + (row * stride) + depth;
            int count = Math.Min(GemmBlocking.KC, _problem.K - depth);
            for (; count >= 4; count -= 4, a += 4 * stepA, b += 4)
            {
                TV x0 = TW.Broadcast(a[0]), x1 = TW.Broadcast(a[stepA]), x2 = TW.Broadcast(a[2 * stepA]), x3 = TW.Broadcast(a[3 * stepA]);
                TW.LoadColumns4(b, stride, out TV b0, out TV b1, out TV b2, out TV b3);
                sum0 = TW.Fma(x3, b3, TW.Fma(x2, b2, TW.Fma(x1, b1, TW.Fma(x0, b0, sum0))));
                TW.LoadColumns4(b + step, stride, out b0, out b1, out b2, out b3);
                sum1 = TW.Fma(x3, b3, TW.Fma(x2, b2, TW.Fma(x1, b1, TW.Fma(x0, b0, sum1))));
                TW.LoadColumns4(b + (2 * step), stride, out b0, out b1, out b2, out b3);
                sum2 = TW.Fma(x3, b3, TW.Fma(x2, b2, TW.Fma(x1, b1, TW.Fma(x0, b0, sum2))));
                TW.LoadColumns4(b + (3 * step), stride, out b0, out b1, out b2, out b3);
                sum3 = TW.Fma(x3, b3, TW.Fma(x2, b2, TW.Fma(x1, b1, TW.Fma(x0, b0, sum3))));
            }
            sum0 = Rest<TW, TV>(a, b, count, sum0);
            sum1 = Rest<TW, TV>(a, b + step, count, sum1);
            sum2 = Rest<TW, TV>(a, b + (2 * step), count, sum2);
            sum3 = Rest<TW, TV>(a, b + (3 * step), count, sum3);
            float* c = _problem.C + row;
            Store<TW, TV>(sum0, c, depth);
            Store<TW, TV>(sum1, c + TW.Lanes, depth);
            Store<TW, TV>(sum2, c + (2 * TW.Lanes), depth);
            Store<TW, TV>(sum3, c + (3 * TW.Lanes), depth);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rows<TW1, TV1>(int row)
        where TW1 : struct, ISimdWidth<TV1>
        where TV1 : struct
    {
        nint stride = _problem.StrideB, stepA = _problem.DepthStepA;
        for (int depth = 0; depth < _problem.K; depth += GemmBlocking.KC)
        {
            TV1 sum = TW1.Zero;
            float* a = _problem.A + (depth * stepA), b = _problem.B + (row * stride) + depth;
            int count = Math.Min(GemmBlocking.KC, _problem.K - depth);
            for (; count >= 4; count -= 4, a += 4 * stepA, b += 4)
            {
                TW1.LoadColumns4(b, stride, out TV1 b0, out TV1 b1, out TV1 b2, out TV1 b3);
                sum = TW1.Fma(TW1.Broadcast(a[0]), b0, sum);
                sum = TW1.Fma(TW1.Broadcast(a[stepA]), b1, sum);
                sum = TW1.Fma(TW1.Broadcast(a[2 * stepA]), b2, sum);
                sum = TW1.Fma(TW1.Broadcast(a[3 * stepA]), b3, sum);
            }
            Store<TW1, TV1>(Rest<TW1, TV1>(a, b, count, sum), _problem.C + row, depth);
        }
    }

    // The last terms, fewer than four: columns gathered by element.
    private TV1 Rest<TW1, TV1>(float* a, float* b, int count, TV1 sum)
        where TW1 : struct, ISimdWidth<TV1>
        where TV1 : struct
    {
        float* column = stackalloc float[TW1.Lanes];
        for (int term = 0; term < count; term++)
        {
            for (int lane = 0; lane < TW1.Lanes; lane++) column[lane] = b[(lane * _problem.StrideB) + term];
            sum = TW1.Fma(TW1.Broadcast(a[term * _problem.DepthStepA]), TW1.Load(column), sum);
        }
        return sum;
    }

    // c ← α·sum, or c + α·sum.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store<TW1, TV1>(TV1 sum, float* c, int depth)
        where TW1 : struct, ISimdWidth<TV1>
        where TV1 : struct
    {
        TV1 alpha = TW1.Broadcast(_problem.Alpha);
        TW1.Store(depth > 0 || _problem.Accumulate ? TW1.Fma(alpha, sum, TW1.Load(c)) : TW1.Multiply(alpha, sum), c);
    }
}
