using System.Diagnostics;
using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;

namespace Lpom.Cli.Latency;

/// <summary>Times predictions for one sample by threads that share a network, each with memory of its own. Its memory is allocated once.</summary>
internal sealed class PredictionTimer
{
    private const int TrialCalls = 16, WarmUpShare = 10;

    private readonly Network _network;
    private readonly LatencyLoad _load;
    private readonly Matrix _samples;
    private readonly Matrix[] _memory, _scores;
    private readonly long[] _ticks;
    private long _bytes, _calls;

    public PredictionTimer(Network network, Matrix samples, LatencyLoad load)
    {
        network.Prepare();
        (_network, _samples, _load) = (network, samples, load);
        _memory = [.. Enumerable.Range(0, load.Threads).Select(_ => new Matrix(1, network.WorkspaceLength))];
        _scores = [.. Enumerable.Range(0, load.Threads).Select(_ => new Matrix(1, network.Outputs))];
        _ticks = new long[load.Threads * load.Readings];
    }

    /// <summary>Managed bytes that a call of the blocks so far allocated, on the thread that made it.</summary>
    public double BytesPerCall => (double)_bytes / _calls;

    /// <summary>The time in µs of a call among a few.</summary>
    public double CallMicroseconds()
    {
        long start = Stopwatch.GetTimestamp();
        Predict(0, 0, TrialCalls);
        return Microseconds(Stopwatch.GetTimestamp() - start) / TrialCalls;
    }

    /// <summary>Measures a block: all threads warm up, then all measure.</summary>
    public LatencyBlock Block()
    {
        using var ready = new Barrier(_load.Threads);
        Thread[] threads = [.. Enumerable.Range(0, _load.Threads).Select(index => new Thread(() => Measure(index, ready)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        _calls += _load.CallsPerBlock;
        Array.Sort(_ticks);
        return new LatencyBlock(Quantile(500), Quantile(990), Quantile(999));
    }

    private void Measure(int thread, Barrier ready)
    {
        Predict(thread, 0, ((_load.Readings / WarmUpShare) + 1) * _load.CallsPerReading);
        ready.SignalAndWait();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Read(thread, _ticks.AsSpan(thread * _load.Readings, _load.Readings));
        Interlocked.Add(ref _bytes, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Read(int thread, Span<long> ticks)
    {
        int sample = 0;
        foreach (ref long reading in ticks)
        {
            long start = Stopwatch.GetTimestamp();
            sample = Predict(thread, sample, _load.CallsPerReading);
            reading = Stopwatch.GetTimestamp() - start;
        }
    }

    /// <summary>Predicts so many times, from a sample on; the sample to go on with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Predict(int thread, int sample, int calls)
    {
        Span<float> memory = _memory[thread].View.Row(0), scores = _scores[thread].View.Row(0);
        for (int i = 0; i < calls; i++)
        {
            _network.Predict(_samples.View.Row(sample), scores, memory);
            sample = (sample + 1) % _samples.Rows;
        }

        return sample;
    }

    /// <summary>The least time in µs of a call that so many of a thousand readings do not exceed.</summary>
    private double Quantile(int perMille)
    {
        long rank = ((_ticks.LongLength * perMille) + 999) / 1000;
        return Microseconds(_ticks[rank - 1]) / _load.CallsPerReading;
    }

    private static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;
}
