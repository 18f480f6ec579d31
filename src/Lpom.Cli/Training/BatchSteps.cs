using Lpom.Data;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Training;

namespace Lpom.Cli.Training;

/// <summary>Hands a trainer its batches of training rows, by number or gathered. Allocates nothing in a step.</summary>
/// <param name="trainer">The trainer.</param>
/// <param name="view">The rows to train on.</param>
/// <param name="maxBatch">The most rows of a step.</param>
/// <param name="task">An autoencoder's targets are its rows, scaled.</param>
internal sealed class BatchSteps(Trainer trainer, DataView view, int maxBatch, LearningTask task)
{
    private readonly int[] _labels = new int[maxBatch];
    private readonly Matrix? _inputs = trainer is RowTrainer && task == LearningTask.Classify ? null : new Matrix(maxBatch, view.Features);

    /// <summary>Trains on some rows of the view.</summary>
    public StepReport Step(ReadOnlySpan<int> rows) => task == LearningTask.Classify ? StepOnLabels(rows) : Reconstruct((RowTrainer)trainer, rows);

    private StepReport StepOnLabels(ReadOnlySpan<int> rows)
    {
        Span<int> labels = _labels.AsSpan(0, rows.Length);
        view.CopyLabels(rows, labels);
        if (trainer is RowTrainer onRows)
            return onRows.StepOnRows(rows, labels);
        return trainer.Step(Gather(rows), labels);
    }

    private StepReport Reconstruct(RowTrainer onRows, ReadOnlySpan<int> rows)
    {
        MatrixView targets = Gather(rows);
        for (int i = 0; i < rows.Length; i++)
            onRows.Scaling.Apply(targets.Row(i));
        return onRows.StepOnRows(rows, targets);
    }

    private MatrixView Gather(ReadOnlySpan<int> rows)
    {
        MatrixView inputs = _inputs!.Top(rows.Length);
        for (int i = 0; i < rows.Length; i++)
            view.CopyInputs(rows[i], 1, inputs.Row(i), view.Features);
        return inputs;
    }
}
