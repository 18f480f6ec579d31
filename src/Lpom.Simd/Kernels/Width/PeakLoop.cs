using System.Diagnostics;
using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Threads;

namespace Lpom.Simd.Kernels.Width;

/// <summary>The processor's peak: independent chains of FMA on registers, nothing else.</summary>
internal readonly struct PeakLoop(SimdWidth width) : IKernel, ITeamJob
{
    private const int Chains = 12;
    private const int Steps = 200_000;
    private const int Tries = 10;

    // Of each worker in a try, when there are several. Short, so that a busy machine lets all of them run through one now and then.
    private const int LoopsPerWorker = 2;

    private double Flops => 2.0 * Chains * Steps * (width == SimdWidth.Scalar ? 1 : (int)width / (8 * sizeof(float)));

    /// <summary>GFLOP/s of one thread at a width, the best of a few tries.</summary>
    public static double Measure(SimdWidth width)
    {
        using WorkerTeam caller = new(1);
        return Measure(width, caller);
    }

    /// <summary>GFLOP/s of all of a team's workers together at a width, the best of a few tries.</summary>
    public static double Measure(SimdWidth width, WorkerTeam team)
    {
        PeakLoop loop = new(width);
        int loops = team.Size == 1 ? 1 : team.Size * LoopsPerWorker;
        double best = 0;
        for (int i = 0; i < Tries; i++)
        {
            long start = Stopwatch.GetTimestamp();
            team.Run(loop, loops, grain: 1);
            best = Math.Max(best, loops * loop.Flops / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
        }
        return best;
    }

    /// <inheritdoc />
    public void Run(int worker, int first, int end)
    {
        PeakLoop loop = this;
        for (int i = first; i < end; i++) SimdLevel.Run(width, ref loop);
    }

    /// <inheritdoc />
    public void Run<TW, TV>()
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        if (!float.IsFinite(Chain<TW, TV>())) throw new InvalidOperationException("The FMA loop has left its range.");
    }

    // On its own: a call in the method would push the vectors out of their registers.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Chain<TW, TV>()
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV x = TW.Broadcast(0.999f), y = TW.Broadcast(0.001f);
        TV c0 = x, c1 = x, c2 = x, c3 = x, c4 = x, c5 = x, c6 = x, c7 = x, c8 = x, c9 = x, c10 = x, c11 = x;
        for (int i = 0; i < Steps; i++)
        {
            c0 = TW.Fma(x, c0, y);
            c1 = TW.Fma(x, c1, y);
            c2 = TW.Fma(x, c2, y);
            c3 = TW.Fma(x, c3, y);
            c4 = TW.Fma(x, c4, y);
            c5 = TW.Fma(x, c5, y);
            c6 = TW.Fma(x, c6, y);
            c7 = TW.Fma(x, c7, y);
            c8 = TW.Fma(x, c8, y);
            c9 = TW.Fma(x, c9, y);
            c10 = TW.Fma(x, c10, y);
            c11 = TW.Fma(x, c11, y);
        }
        TV sum = TW.Add(TW.Add(TW.Add(c0, c1), TW.Add(c2, c3)), TW.Add(TW.Add(c4, c5), TW.Add(c6, c7)));
        return TW.Sum(TW.Add(sum, TW.Add(TW.Add(c8, c9), TW.Add(c10, c11))));
    }
}
