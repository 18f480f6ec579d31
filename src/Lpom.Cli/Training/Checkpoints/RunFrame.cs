namespace Lpom.Cli.Training.Checkpoints;

/// <summary>What is known of a run before its checkpoint is read: the checkpoint must fit it.</summary>
/// <param name="Start">The snapshot before the first epoch, which is not in the file.</param>
/// <param name="Layers">Of the whole network.</param>
/// <param name="Epochs">Of the run.</param>
/// <param name="Batches">Of an epoch.</param>
/// <param name="IsClassification">Whether scores are accuracies.</param>
/// <param name="HasValidation">Whether there are validation rows.</param>
/// <param name="HasTest">Whether there are test rows.</param>
/// <param name="KeepsBest">Whether the epoch with the best validation score is kept.</param>
internal sealed record RunFrame(Snapshot Start, int Layers, int Epochs, int Batches, bool IsClassification, bool HasValidation, bool HasTest, bool KeepsBest)
{
    /// <summary>Whether a run can be at a place.</summary>
    public bool Holds(RunPosition at) =>
        at.Epoch >= 1 && at.Epoch <= Epochs + (at.IsOver ? 1 : 0)
        && at.Batch >= 0 && at.Batch <= Batches && at.Sums.Steps == at.Batch && at.Sums.Rows >= 0
        && at.Restarts is >= 0 and <= Restart.Most && at.RestartedAfter >= 0 && at.RestartedAfter < at.Epoch;

    /// <summary>Whether a run at a place can have the snapshots that it has.</summary>
    public bool HoldsSnapshots(RunPosition at)
    {
        bool areInOrder = at.Last.Epochs == at.Epoch - 1 && at.Before.Epochs <= at.Last.Epochs && at.Best.Epochs <= at.Last.Epochs && at.BestBefore.Epochs <= at.Before.Epochs;
        bool isBestThere = !KeepsBest || at.Last.Epochs == 0 || at.Best.Epochs > 0;
        return areInOrder && isBestThere && (!at.IsOver || at.Last.Epochs > 0);
    }
}
