using Lpom.Simd.Model;
using Lpom.Simd.Training;

namespace Lpom.Cli.Training;

/// <summary>Where a run is, between two steps.</summary>
/// <param name="layers">Of the network.</param>
internal sealed class RunPosition(int layers)
{
    private EpochSums _sums;

    /// <summary>The epoch that is being trained, from 1.</summary>
    public int Epoch { get; set; } = 1;

    /// <summary>Batches of it that are done.</summary>
    public int Batch { get; set; }

    /// <summary>Of those batches.</summary>
    public ref EpochSums Sums => ref _sums;

    /// <summary>Sums over them of each layer's residual.</summary>
    public double[] Residuals { get; } = new double[layers];

    /// <summary>Of every epoch that is done.</summary>
    public List<EpochReport> History { get; } = [];

    /// <summary>After the last epoch.</summary>
    public Snapshot Last { get; set; }

    /// <summary>After the epoch before that.</summary>
    public Snapshot Before { get; set; }

    /// <summary>After the epoch with the best validation figure.</summary>
    public Snapshot Best { get; set; }

    /// <summary>What <see cref="Best"/> was when <see cref="Before"/> was the last.</summary>
    public Snapshot BestBefore { get; set; }

    /// <summary>Times that training went on from a good network with smaller steps.</summary>
    public int Restarts { get; set; }

    /// <summary>Epochs behind the network of the last restart; 0 without one.</summary>
    public int RestartedAfter { get; set; }

    /// <summary>Whether nothing is left to train.</summary>
    public bool IsOver { get; set; }

    /// <summary>Goes on to the next epoch.</summary>
    public void NextEpoch() => BeginEpoch(Epoch + 1);

    /// <summary>Goes back to a snapshot, to go on with smaller steps.</summary>
    public void RestartFrom(Snapshot good)
    {
        // The best may be the epoch whose last step went wrong.
        if (Best.Epochs > good.Epochs)
            Best = BestBefore;
        (Last, Before, BestBefore) = (good, good, Best);
        Restarts++;
        RestartedAfter = good.Epochs;
        History.RemoveRange(good.Epochs, History.Count - good.Epochs);
        BeginEpoch(good.Epochs + 1);
    }

    private void BeginEpoch(int epoch)
    {
        Epoch = epoch;
        Batch = 0;
        _sums = default;
        Array.Clear(Residuals);
    }
}

/// <summary>A network, the whole epochs behind it, and its figures.</summary>
/// <param name="Network">Of the trainer; the start when there are none.</param>
/// <param name="Epochs">From 0.</param>
/// <param name="Report">The default when there are no epochs.</param>
internal readonly record struct Snapshot(Network Network, int Epochs, EpochReport Report);

/// <summary>Sums over the batches of an epoch.</summary>
internal struct EpochSums
{
    public int Steps;
    public long Rows;
    public double Objective;
    public double Loss;
    public Divergence Divergence;
}
