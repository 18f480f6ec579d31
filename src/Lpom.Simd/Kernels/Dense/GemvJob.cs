using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// A product of one row with a row-major B, c = α·a·B (+ c), over a range of c's elements: B is read once, as it lies in memory. The
/// same chains of FMA as in <see cref="GemmKernel"/>, so that a sample alone gives the bits that it gives in a batch.
/// </summary>
internal readonly unsafe struct GemvJob<TW, TV, TEpilogue>(GemmProblem problem, TEpilogue epilogue) : ITeamJob
    where TW : struct, ISimdWidth<TV>
    where TV : struct
    where TEpilogue : struct, IGemmEpilogue
{
    // Sums of B's columns, in half of the L1 cache.
    private const int Columns = 4096;

    private readonly GemmProblem _problem = problem;
    private readonly TEpilogue _epilogue = epilogue;

    /// <inheritdoc />
    public void Run(int worker, int first, int end)
    {
        Combine(first, end);
        Epilogue.Apply<TW, TV, TEpilogue>(_epilogue, _problem.C + first, _problem.StrideC, 1, end - first, first);
    }

    // c is a combination of B's rows, four of which go by at a time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Combine(int first, int end)
    {
        float* sums = stackalloc float[Columns];
        nint stride = _problem.StrideB, stepA = _problem.DepthStepA;
        for (int column = first; column < end; column += Columns)
        {
            int columns = Math.Min(Columns, end - column);
            for (int depth = 0; depth < _problem.K; depth += GemmBlocking.KC)
            {
                float* b = _problem.B + (depth * stride) + column, a = _problem.A + (depth * stepA);
                int count = Math.Min(GemmBlocking.KC, _problem.K - depth);
                new Span<float>(sums, columns).Clear();
                for (; count >= 4; count -= 4, a += 4 * stepA, b += 4 * stride)
                    AddRows4(b, stride, a[0], a[stepA], a[2 * stepA], a[3 * stepA], sums, columns);
                for (; count > 0; count--, a += stepA, b += stride) AddRow(b, *a, sums, columns);
                Store(sums, _problem.C + column, columns, depth > 0);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRows4(float* b, nint stride, float a0, float a1, float a2, float a3, float* sums, int columns)
    {
        TV x0 = TW.Broadcast(a0), x1 = TW.Broadcast(a1), x2 = TW.Broadcast(a2), x3 = TW.Broadcast(a3);
        float* b1 = b + stride, b2 = b1 + stride, b3 = b2 + stride;
        int col = 0;
        for (; col + TW.Lanes <= columns; col += TW.Lanes)
        {
            TV sum = TW.Fma(x0, TW.Load(b + col), TW.Load(sums + col));
            sum = TW.Fma(x1, TW.Load(b1 + col), sum);
            sum = TW.Fma(x2, TW.Load(b2 + col), sum);
            TW.Store(TW.Fma(x3, TW.Load(b3 + col), sum), sums + col);
        }
        for (; col < columns; col++)
        {
            float sum = WidthScalar.Fma(a0, b[col], sums[col]);
            sum = WidthScalar.Fma(a1, b1[col], sum);
            sum = WidthScalar.Fma(a2, b2[col], sum);
            sums[col] = WidthScalar.Fma(a3, b3[col], sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(float* b, float a, float* sums, int columns)
    {
        TV x = TW.Broadcast(a);
        int col = 0;
        for (; col + TW.Lanes <= columns; col += TW.Lanes) TW.Store(TW.Fma(x, TW.Load(b + col), TW.Load(sums + col)), sums + col);
        for (; col < columns; col++) sums[col] = WidthScalar.Fma(a, b[col], sums[col]);
    }

    // c ← α·sums or c + α·sums.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store(float* sums, float* c, int columns, bool later)
    {
        bool accumulate = later || _problem.Accumulate;
        for (int col = 0; col < columns; col++)
            c[col] = accumulate ? WidthScalar.Fma(_problem.Alpha, sums[col], c[col]) : _problem.Alpha * sums[col];
    }
}
