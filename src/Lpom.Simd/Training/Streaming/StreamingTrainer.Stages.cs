using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Training.Streaming.Stages;

namespace Lpom.Simd.Training.Streaming;

/// <summary>The trainer where batches overlap: a step takes a batch in, and reports of one that has been finished since.</summary>
public sealed partial class StreamingTrainer
{
    /// <summary>The most blocks of layers with <see cref="Parallelism.Synchronous"/>, whatever the threads: their number is in the result.</summary>
    public const int SynchronousBlocks = 2;

    private readonly BatchPipeline? _pipeline;
    private double[] _reportedResiduals = [];

    /// <summary>The stages and their threads; null where batches do not overlap, or ranks have the stages.</summary>
    internal Pipeline? Pipeline => _pipeline as Pipeline;

    /// <inheritdoc />
    /// <remarks>Finishes all batches in flight; with ranks, every one of them calls it.</remarks>
    public override Network ToNetwork()
    {
        _pipeline?.Drain();
        return base.ToNetwork();
    }

    /// <inheritdoc />
    public override bool CanPause => _pipeline?.CanPause ?? true;

    private protected override void DisposeWorkers()
    {
        _pipeline?.Dispose();
        base.DisposeWorkers();
    }

    private protected override StepReport TrainOnRows(ReadOnlySpan<int> rows)
    {
        if (_pipeline is null) return base.TrainOnRows(rows);
        StepReport report = MakeRoom(_pipeline);
        BatchSlot slot = Begin(_pipeline);
        if (_metric is not null) Gather(_pipeline.Context, rows, slot.InputBuffer);
        Feed(_pipeline, slot);
        return report;
    }

    private protected override StepReport Train(ReadOnlyMatrixView inputs)
    {
        if (_pipeline is null) return base.Train(inputs);
        StepReport report = MakeRoom(_pipeline);
        BatchSlot slot = Begin(_pipeline);
        if (_metric is not null) Scale(_pipeline.Context, inputs, slot[0].Input);
        Feed(_pipeline, slot);
        return report;
    }

    private protected override StepReport FinishOldest() => _pipeline is null ? default : ReportOf(_pipeline.End());

    // Paced stages are as many whatever the threads, as their number is in the result.
    private BatchPipeline? CreatePipeline()
    {
        if (_blocks is not null) return new RankPipeline(_layers, _blocks.Ranks, InFlight(_blocks.Ranks.Size), SettingsOf(_blocks.Part, isPaced: true), Context.Team.Size, Context.Width);
        bool isPaced = _options.Parallelism == Parallelism.Synchronous;
        int threads = Context.Team.Size, stages = Math.Min(isPaced ? SynchronousBlocks : threads, _layers.Length);
        if (!(isPaced || _options.Parallelism == Parallelism.Asynchronous) || stages < 2 || Ranks is not null) return null;
        var all = new NetworkPart(0, _layers.Length, _layers.Length, Outputs);
        return new Pipeline(_layers, StagePlan.Of([.. _layers.Select(layer => _metricSchedule.CostOf(layer.Inputs, layer.Outputs, _options.MaxBatch, layer.Gram is null))], stages), InFlight(stages), SettingsOf(all, isPaced), threads, Context.Width);
    }

    private int InFlight(int stages) => _options.BatchesInFlight == 0 ? Math.Min(stages, DelayedSteps.MostInFlight(_options)) : _options.BatchesInFlight;

    private PipelineSettings SettingsOf(NetworkPart part, bool isPaced)
    {
        _reportedResiduals = new double[part.Layers];
        return new PipelineSettings(_options, Start.Loss, IsSmoothed, FirstLambda, Average, isPaced, part, _metricSchedule);
    }

    private StepReport MakeRoom(BatchPipeline pipeline)
    {
        pipeline.Advance();
        return pipeline.IsDue ? ReportOf(pipeline.End()) : default;
    }

    private BatchSlot Begin(BatchPipeline pipeline)
    {
        BatchSlot slot = pipeline.Begin();
        slot.Begin(Rows, NextStep, ScaleOf(NextStep), TakeRefresh(NextStep));
        return slot;
    }

    private void Feed(BatchPipeline pipeline, BatchSlot slot)
    {
        KernelContext context = pipeline.Context;
        if (_metric is not null)
        {
            Drop(slot[0].Input);
            _metric.Whiten(context, slot[0].Input);
        }
        if (slot.HasTargets)
        {
            Targets.CopyTo(slot.Targets);
            if (IsSmoothed) Smooth(context, slot.SmoothedTargets);
        }
        slot.Report.TargetSize = TargetSize(context);
        _ = TakeStep();
        pipeline.Feed();
    }

    // A loss that has grown is seen here, in the order of the batches, when the weights have taken the step.
    private StepReport ReportOf(BatchReport? report)
    {
        if (report is null) return default;
        Divergence divergence = report.Topmost();
        if (divergence.Kind == DivergenceKind.None && HasGrown(report.Loss, report.TargetSize))
            divergence = new Divergence(DivergenceKind.LossGrowth, report.Found.Length, report.Loss);
        report.Residuals.CopyTo(_reportedResiduals, 0);
        return new StepReport(report.Loss, report.Objective, _reportedResiduals, [], divergence, report.Rows);
    }
}
