using System.Diagnostics;

namespace Lpom.Bench.Ratios;

/// <summary>One operation on one shape, ours and the peer's.</summary>
/// <param name="Op">gemm, gemv, syrk, potrf or trsm.</param>
/// <param name="Trans">The stored form: NN, NT or TN; N or T for gemv.</param>
/// <param name="M">Rows of the result.</param>
/// <param name="N">Columns of the result.</param>
/// <param name="K">Terms of the sum.</param>
/// <param name="Flops">Floating-point operations that count.</param>
/// <param name="Prepare">Restores what a call overwrites, outside of the clock; null when nothing.</param>
/// <param name="Ours">Our kernel.</param>
/// <param name="Peer">OpenBLAS's, or null without it.</param>
internal sealed record RatioCase(
    string Op, string Trans, int M, int N, int K, double Flops, Action? Prepare, Action Ours, Action? Peer)
{
    private const double SampleSeconds = 1e-3;
    private const double TotalSeconds = 1.5;
    private const int MinSamples = 15;
    private const int MaxSamples = 1001;
    private const int MaxSettledSamples = 41;

    // Longer than a peer's idle workers spin.
    private const double SettleSeconds = 0.08;

    /// <summary>Seconds per call of ours and the peer's (NaN without one): medians of alternating samples.</summary>
    /// <param name="threads">Threads of both.</param>
    public (double Ours, double Peer) Measure(int threads)
    {
        Sample(Ours, 1);
        if (Peer is not null) Sample(Peer, 1);
        double once = Math.Min(Sample(Ours, 1), Sample(Ours, 1));
        int calls = Prepare is null ? (int)Math.Clamp(SampleSeconds / once, 1, 1000) : 1;
        int samples = (int)Math.Clamp(TotalSeconds / (2 * calls * once), MinSamples, threads == 1 ? MaxSamples : MaxSettledSamples);
        double[] ours = new double[samples], peer = new double[samples];
        for (int i = 0; i < samples; i++)
        {
            Settle(Ours, threads);
            ours[i] = Sample(Ours, calls);
            if (Peer is not null) Settle(Peer, threads);
            peer[i] = Peer is null ? double.NaN : Sample(Peer, calls);
        }
        return (Medians.Of(ours), Medians.Of(peer));
    }

    // The other side's idle workers still spin for a while, on the processors that this side's need.
    private void Settle(Action action, int threads)
    {
        if (threads == 1) return;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < SettleSeconds)
        {
            // What works in place, such as a factorization, must not go on from its own result.
            Prepare?.Invoke();
            action();
        }
    }

    private double Sample(Action action, int calls)
    {
        Prepare?.Invoke();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < calls; i++) action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
    }
}
