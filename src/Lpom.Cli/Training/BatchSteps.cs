using Lpom.Data;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Training;

namespace Lpom.Cli.Training;

/// <summary>Hands a trainer its batches of training rows, by number or gathered. Allocates nothing in a step.</summary>
/// <param name="trainer">The trainer.</param>
/// <param name="view">The rows to train on.</param>
/// <param name="maxBatch">The most rows of a step.</param>
/// <param name="task">An autoencoder's targets are its rows, scaled.</param>
/// <param name="scaling">How numbers are scaled; null where there are none to learn.</param>
internal sealed class BatchSteps(Trainer trainer, DataView view, int maxBatch, LearningTask task, TargetScaling? scaling)
{
    private readonly int[] _labels = new int[maxBatch];
    private readonly Matrix? _inputs = trainer is RowTrainer && task != LearningTask.Autoencode ? null : new Matrix(maxBatch, view.Features);
    private readonly Matrix? _numbers = scaling is null ? null : new Matrix(maxBatch, view.Numbers(0).Length);

    /// <summary>Trains on some rows of the view.</summary>
    public StepReport Step(ReadOnlySpan<int> rows) => task switch
    {
        LearningTask.Classify => StepOnLabels(rows),
        LearningTask.Autoencode => Reconstruct((RowTrainer)trainer, rows),
        _ => StepOnNumbers((RowTrainer)trainer, rows),
    };

    private StepReport StepOnLabels(ReadOnlySpan<int> rows)
    {
        Span<int> labels = _labels.AsSpan(0, rows.Length);
        view.CopyLabels(rows, labels);
        if (trainer is RowTrainer onRows)
            return onRows.StepOnRows(rows, labels);
        return trainer.Step(Gather(rows), labels);
    }

    private StepReport StepOnNumbers(RowTrainer onRows, ReadOnlySpan<int> rows)
    {
        MatrixView targets = _numbers!.Top(rows.Length);
        for (int i = 0; i < rows.Length; i++)
            scaling!.Apply(view.Numbers(rows[i]), targets.Row(i));
        return onRows.StepOnRows(rows, targets);
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
