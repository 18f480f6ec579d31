using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Model;
using Lpom.Simd.Training.State;

namespace Lpom.Simd.Training;

/// <summary>
/// STAGE 5: what every way of training has in common: it owns every buffer, takes a batch at a time and allocates nothing in a step.
/// </summary>
/// <remarks>For one thread at a time. The same start, options and batches give the same bits, for any number of threads.</remarks>
public abstract class Trainer : IDisposable
{
    private readonly Matrix _targets;
    private readonly int _maxBatch;
    private int _rows;

    /// <summary>Allocates the targets and starts the worker threads.</summary>
    /// <param name="start">The network, or the layers of it that are here.</param>
    /// <param name="inputs">Values of a sample.</param>
    /// <param name="outputs">Of the whole network.</param>
    /// <param name="maxBatch">The most samples.</param>
    /// <param name="threads">0 for one per processor.</param>
    private protected Trainer(Network start, int inputs, int outputs, int maxBatch, int threads)
    {
        (Start, Inputs, Outputs) = (start, inputs, outputs);
        _maxBatch = maxBatch;
        _targets = new Matrix(maxBatch, outputs);
        Context = new KernelContext(threads);
    }

    /// <summary>The network that training began with, or the layers of it that are here.</summary>
    private protected Network Start { get; }

    /// <summary>Values of a sample.</summary>
    private protected int Inputs { get; }

    /// <summary>Of the whole network.</summary>
    private protected int Outputs { get; }

    /// <summary>What the kernels run with.</summary>
    private protected KernelContext Context { get; }

    /// <summary>Samples of the present batch; 0 before the first.</summary>
    private protected int Rows => _rows;

    /// <summary>L [m × Outputs] of the present batch.</summary>
    private protected MatrixView Targets => _targets.Top(_rows);

    /// <summary>Trains on one batch of labelled samples, with one-hot targets.</summary>
    /// <param name="inputs">The samples [m × Inputs], m from 1 to MaxBatch; they may lie anywhere.</param>
    /// <param name="labels">The classes [m], from 0 to Outputs − 1.</param>
    /// <returns>What the step did; when it diverged the weights are those that it began with, which the step before may have spoilt.</returns>
    /// <exception cref="ArgumentException">A wrong shape, or a label out of range; thrown before any work.</exception>
    public StepReport Step(ReadOnlyMatrixView inputs, ReadOnlySpan<int> labels)
    {
        CheckInputs(inputs);
        SetTargets(inputs.Rows, labels);
        return TrainMeasured(inputs);
    }

    /// <summary>Trains on one batch with targets of any kind.</summary>
    /// <param name="inputs">The samples [m × Inputs], m from 1 to MaxBatch; they may lie anywhere.</param>
    /// <param name="targets">L [m × Outputs].</param>
    /// <returns>What the step did; when it diverged the weights are those that it began with, which the step before may have spoilt.</returns>
    /// <exception cref="ArgumentException">A wrong shape; thrown before any work.</exception>
    public StepReport Step(ReadOnlyMatrixView inputs, ReadOnlyMatrixView targets)
    {
        CheckInputs(inputs);
        SetTargets(inputs.Rows, targets);
        return TrainMeasured(inputs);
    }

    /// <summary>A network with a copy of the weights as they are, and the start's metadata.</summary>
    public abstract Network ToNetwork();

    /// <summary>
    /// Writes everything that the next steps depend on: after <see cref="LoadState"/> a trainer made with the same start, options and rows
    /// goes on with the same bits. Call it between steps, with <see cref="Distributed.LayerRanks"/> on every rank, each of which writes its own layers; some 2 to 4 times the weights' bytes, in streaming mode the metrics besides.
    /// </summary>
    /// <param name="stream">Where to; stays open.</param>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    /// <exception cref="InvalidDataException">A value is not finite: training has diverged, which the next steps report.</exception>
    public void SaveState(Stream stream)
    {
        using var writer = new StateWriter(stream, Kind);
        VisitState(writer);
        writer.End();
    }

    /// <summary>Takes over a state that <see cref="SaveState"/> wrote.</summary>
    /// <remarks>The stream has no checksum: keep one beside it where it may be damaged.</remarks>
    /// <param name="stream">At the state's start; stays open, behind the state's end.</param>
    /// <exception cref="InvalidDataException">No state, or one of another kind of trainer, of other shapes or options, or with values that are not finite; the trainer is then of no more use.</exception>
    /// <exception cref="EndOfStreamException">The stream ends before the state does; the trainer is then of no more use.</exception>
    public void LoadState(Stream stream)
    {
        using var reader = new StateReader(stream, Kind);
        VisitState(reader);
        reader.End();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        // Which refuses while a step runs.
        Context.Dispose();
        DisposeWorkers();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what workers have of their own.</summary>
    private protected virtual void DisposeWorkers()
    {
    }

    /// <summary>Counts what the steps from now on spend their time on; of workers that do whole rows and layers, nothing.</summary>
    internal WorkProfile AttachProfile() => Context.AttachProfile();

    private string Kind => GetType().Name;

    /// <summary>Passes over everything that the next steps depend on, but what the start, the options and the rows determine.</summary>
    internal abstract void VisitState(IStateVisitor state);

    /// <summary>A step on inputs of the right shape, whose targets are set.</summary>
    private protected abstract StepReport Train(ReadOnlyMatrixView inputs);

    private StepReport TrainMeasured(ReadOnlyMatrixView inputs)
    {
        long begun = TrainingMetrics.Begin();
        StepReport report = Train(inputs);
        TrainingMetrics.End(begun, report);
        return report;
    }

    /// <exception cref="ArgumentException">A wrong shape.</exception>
    private protected void CheckInputs(ReadOnlyMatrixView inputs)
    {
        if (inputs.Rows < 1 || inputs.Rows > _maxBatch)
            throw new ArgumentException($"The batch has {inputs.Rows} samples, expected 1 to {_maxBatch}.", nameof(inputs));
        CheckWidth(inputs);
    }

    /// <exception cref="ArgumentException">Samples of another width.</exception>
    internal void CheckWidth(ReadOnlyMatrixView inputs)
    {
        if (inputs.Cols != Inputs)
            throw new ArgumentException($"The samples have {inputs.Cols} values, the network takes {Inputs}.", nameof(inputs));
    }

    /// <exception cref="ArgumentException">Not a label per sample, or one out of range.</exception>
    internal void CheckLabels(int rows, ReadOnlySpan<int> labels)
    {
        if (labels.Length != rows) throw new ArgumentException($"{rows} samples have {labels.Length} labels.", nameof(labels));
        foreach (int label in labels)
        {
            if ((uint)label >= (uint)Outputs) throw new ArgumentException($"Label {label} is outside of 0…{Outputs - 1}.", nameof(labels));
        }
    }

    /// <exception cref="ArgumentException">A wrong shape.</exception>
    internal void CheckTargets(int rows, ReadOnlyMatrixView targets)
    {
        if (targets.Rows != rows || targets.Cols != Outputs)
            throw new ArgumentException($"The targets are [{targets.Rows} × {targets.Cols}], not [{rows} × {Outputs}].", nameof(targets));
    }

    /// <summary>One-hot targets.</summary>
    /// <exception cref="ArgumentException">Not a label per sample, or one out of range.</exception>
    private protected void SetTargets(int rows, ReadOnlySpan<int> labels)
    {
        CheckLabels(rows, labels);
        _rows = rows;
        MatrixView oneHot = Targets;
        for (int row = 0; row < rows; row++)
        {
            oneHot.Row(row).Clear();
            oneHot[row, labels[row]] = 1f;
        }
    }

    /// <exception cref="ArgumentException">A wrong shape.</exception>
    private protected void SetTargets(int rows, ReadOnlyMatrixView targets)
    {
        CheckTargets(rows, targets);
        _rows = rows;
        targets.CopyTo(Targets);
    }
}
