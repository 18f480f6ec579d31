using Lpom.Simd.Model;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Simd.Training.Online;

/// <summary>The settings of an <see cref="OnlineTrainer"/>, validated by it.</summary>
public readonly record struct OnlineOptions
{
    // Small batches are noisy: below this size the step is in proportion to the batch.
    private const int FullStepBatch = 100;

    // A stream has no schedule that ends with small steps: a quarter of the recipe's first step is what stays accurate.
    private const float RecipePart = 0.25f;

    private const float LeastGramRate = 0.001f;

    /// <summary>The defaults.</summary>
    public OnlineOptions()
    {
    }

    /// <summary>The most samples of one weight step, from 1: batches of more are cut. Small ones keep a short budget, large ones learn most from the same time.</summary>
    public int MaxBatch { get; init; } = 32;

    /// <summary>η of the weight solve (8) for a step of <see cref="MaxBatch"/> samples, positive; a step of fewer takes its part of it. Null to choose by the network and <see cref="MaxBatch"/>.</summary>
    public float? LearningRate { get; init; }

    /// <summary>Threads of a step; 0 for one per processor. The result does not depend on it.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Streaming mode's settings for a stream: no end, no decay towards weights that live data may not bring back, and a memory in samples instead of batches.</summary>
    /// <param name="start">The network to train.</param>
    internal StreamingOptions Streaming(Network start)
    {
        StreamingOptions recipe = StreamingOptions.For(start);
        float part = MathF.Min(1f, (float)MaxBatch / FullStepBatch);
        return recipe with
        {
            LearningRate = LearningRate ?? (recipe.LearningRate * RecipePart * part),
            GramRate = MathF.Max(LeastGramRate, recipe.GramRate * part),
            Schedule = StepSchedule.Constant,
            WarmUpSteps = 0,
            WeightDecay = 0,
            LabelSmoothing = 0,
            MaxBatch = MaxBatch,
            Threads = Threads,
        };
    }
}
