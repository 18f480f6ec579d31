using System.Diagnostics;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Bench.Scaling;

/// <summary>
/// Steps of a network in this process, on one core: a product or a pass over memory takes longer in a step, where its operands were last
/// used a step ago, than one that is repeated.
/// </summary>
/// <param name="Cost">What the model counts for a step.</param>
/// <param name="Seconds">Of a step.</param>
/// <param name="ProductSeconds">Of it in products.</param>
/// <param name="ElementwiseSeconds">Of it in elementwise work.</param>
internal readonly record struct ReferenceStep(StepCost Cost, double Seconds, double ProductSeconds, double ElementwiseSeconds)
{
    // The first steps refresh more often.
    private const int StepsBefore = 26, LeastBlocks = 4;

    // A Gram matrix is updated every 4th or 8th step: in each block as often.
    private const int StepsOfBlock = 8;

    /// <summary>Measures one.</summary>
    /// <param name="widths">The network's.</param>
    /// <param name="batch">Rows of a step.</param>
    /// <param name="together">Others that measure at the same time.</param>
    /// <param name="seconds">How long.</param>
    public static ReferenceStep Measure(int[] widths, int batch, Barrier together, double seconds)
    {
        Network start = NetworkInit.Glorot(widths, Activation.Of(default(Relu)), Activation.Of(default(Identity)), Loss.CrossEntropy, seed: 1, hasBiases: true);
        StreamingOptions options = StreamingOptions.For(start, adaptiveMu: false) with { MaxBatch = batch, Threads = 1, Schedule = StepSchedule.Constant };
        using var trainer = new StreamingTrainer(start, options, new MatrixRows(Noise.Matrix(batch, widths[0])));
        int[] numbers = [.. Enumerable.Range(0, batch)], labels = [.. numbers.Select(i => i % widths[^1])];
        for (int i = 0; i < StepsBefore; i++) trainer.StepOnRows(numbers, labels);
        together.SignalAndWait();
        return Measure(trainer, numbers, labels, seconds) with { Cost = Schemes.Alone(LayerSize.Chain(widths), batch) };
    }

    // Medians of blocks: the rare steps that refresh an inverse are not in them, and add a hundredth or so.
    private static ReferenceStep Measure(StreamingTrainer trainer, int[] numbers, int[] labels, double seconds)
    {
        WorkProfile profile = trainer.AttachProfile();
        List<double> whole = [], products = [], elementwise = [];
        long begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun).TotalSeconds < seconds || whole.Count < LeastBlocks)
        {
            profile.Clear();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < StepsOfBlock; i++) trainer.StepOnRows(numbers, labels);
            long ticks = Stopwatch.GetTimestamp() - start;
            WorkShares shares = profile.Shares(ticks);
            double time = ticks / (double)Stopwatch.Frequency / StepsOfBlock;
            whole.Add(time);
            products.Add(time * shares.Product);
            elementwise.Add(time * shares.Elementwise);
        }
        return new ReferenceStep(default, Medians.Of([.. whole]), Medians.Of([.. products]), Medians.Of([.. elementwise]));
    }
}
