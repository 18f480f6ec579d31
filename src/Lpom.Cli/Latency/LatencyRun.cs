using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;

namespace Lpom.Cli.Latency;

/// <summary>Measurements in turn, block by block: what disturbs one for a while disturbs the others.</summary>
internal sealed class LatencyRun
{
    private readonly List<Side> _sides = [];

    /// <summary>Measures one network on one thread, for random samples.</summary>
    /// <param name="network">The network.</param>
    /// <param name="time">About how long to measure.</param>
    public static LatencyMeasurement Measure(Network network, TimeSpan time)
    {
        var run = new LatencyRun();
        var subject = new LatencySubject(network, LatencySamples.Random(network), Data: null);
        run.Add(network, subject.Samples, LatencyLoad.For(network, subject.Samples, threads: 1, calls: null, time));
        return new LatencyMeasurement(subject, network.Layers[0].Precision, Threads: 1, IsPeer: false, run.Measure()[0]);
    }

    /// <summary>Adds predictions by a network.</summary>
    public void Add(Network network, Matrix samples, LatencyLoad load)
    {
        var timer = new PredictionTimer(network, samples, load);
        _sides.Add(new Side(timer.Block, load, () => timer.BytesPerCall));
    }

    /// <summary>Adds what has no managed memory.</summary>
    /// <param name="block">Measures a block of this load.</param>
    /// <param name="load">Of a block.</param>
    public void Add(Func<LatencyBlock> block, LatencyLoad load) => _sides.Add(new Side(block, load, static () => 0));

    /// <summary>Measures; the figures in the order of what was added.</summary>
    public IReadOnlyList<LatencyFigures> Measure()
    {
        var blocks = _sides.ConvertAll(_ => new List<LatencyBlock>());
        for (int round = 0; round < LatencyLoad.Blocks; round++)
        {
            for (int side = 0; side < _sides.Count; side++)
                blocks[side].Add(_sides[side].Block());
        }

        return [.. _sides.Select((side, i) => LatencyFigures.Of(blocks[i], side.Load, side.BytesPerCall()))];
    }

    private readonly record struct Side(Func<LatencyBlock> Block, LatencyLoad Load, Func<double> BytesPerCall);
}
