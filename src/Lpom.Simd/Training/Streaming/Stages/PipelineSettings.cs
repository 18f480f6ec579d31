using Lpom.Simd.Model;

namespace Lpom.Simd.Training.Streaming.Stages;

/// <summary>What the stages of a pipeline need to know of the training.</summary>
/// <param name="Options">The settings.</param>
/// <param name="Loss">ℓ.</param>
/// <param name="IsSmoothed">Whether targets are smoothed.</param>
/// <param name="FirstLambda">λ of the first layer, on whitened rows.</param>
/// <param name="Average">The mean of the last weights; null for none.</param>
/// <param name="IsPaced">Whether every stage takes as many batches as it may hold before it takes deviations, so that their order does not depend on timing.</param>
/// <param name="Part">The layers that are here.</param>
/// <param name="MetricSchedule">When the running Gram matrices and their inverses are brought up to date.</param>
internal sealed record PipelineSettings(StreamingOptions Options, Loss Loss, bool IsSmoothed, float FirstLambda, WeightAverage? Average, bool IsPaced, NetworkPart Part, MetricSchedule MetricSchedule);
