using Lpom.Simd.Model;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Training;
using Lpom.Simd.Training.BackPropagation;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Simd.Tests.Training;

public class TrainerOptionsTests
{
    private const float NaN = float.NaN, Infinity = float.PositiveInfinity;

    private static readonly StreamingOptions Streaming = new() { TotalSteps = 10 };

    private static readonly BackPropagationOptions Descent = new() { TotalSteps = 10 };

    private static readonly Dictionary<string, (float[] Wrong, Action<float> Validate)> Settings = new()
    {
        ["Mu"] = ([0, -1, NaN, Infinity], v => (Streaming with { Mu = v }).Validated()),
        ["LearningRate"] = ([0, -1, NaN, Infinity], v => (Streaming with { LearningRate = v }).Validated()),
        ["Momentum"] = ([-0.1f, 1, NaN], v => (Streaming with { Momentum = v }).Validated()),
        ["WeightDecay"] = ([-0.1f, 1, NaN], v => (Streaming with { WeightDecay = v }).Validated()),
        ["TrustRadius"] = ([0, -1, NaN, Infinity], v => (Streaming with { TrustRadius = v }).Validated()),
        ["Damping"] = ([0, -1, NaN, Infinity], v => (Streaming with { Damping = v }).Validated()),
        ["GramRate"] = ([0, 1, NaN], v => (Streaming with { GramRate = v }).Validated()),
        ["EffectiveDimension"] = ([0, -1, NaN, Infinity], v => (Streaming with { EffectiveDimension = v }).Validated()),
        ["LabelSmoothing"] = ([-0.1f, 1, NaN], v => (Streaming with { LabelSmoothing = v }).Validated()),
        ["InputDropout"] = ([-0.1f, 1, NaN], v => (Streaming with { InputDropout = v }).Validated()),
        ["AveragedPart"] = ([-0.1f, 1, NaN], v => (Streaming with { AveragedPart = v }).Validated()),
        ["WarmUpSteps"] = ([-1], v => (Streaming with { WarmUpSteps = (int)v }).Validated()),
        ["FirstStep"] = ([-1], v => (Streaming with { FirstStep = (int)v }).Validated()),
        ["MaxBatch"] = ([0, -1], v => (Streaming with { MaxBatch = (int)v }).Validated()),
        ["Threads"] = ([-1, 1e9f], v => (Streaming with { Threads = (int)v }).Validated()),
        ["Parallelism"] = ([-1, 4], v => (Streaming with { Parallelism = (Parallelism)v }).Validated()),
        ["BatchesInFlight"] = ([-1, 100], v => (Streaming with { BatchesInFlight = (int)v }).Validated()),
    };

    private static readonly Dictionary<string, (float[] Wrong, Action<float> Validate)> DescentSettings = new()
    {
        ["Optimizer"] = ([-1, 2], v => (Descent with { Optimizer = (Optimizer)v }).Validated()),
        ["LearningRate"] = ([0, -1, NaN, Infinity], v => (Descent with { LearningRate = v }).Validated()),
        ["Momentum"] = ([-0.1f, 1, NaN], v => (Descent with { Momentum = v }).Validated()),
        ["SquareMomentum"] = ([-0.1f, 1, NaN], v => (Descent with { SquareMomentum = v }).Validated()),
        ["Epsilon"] = ([0, -1, NaN, Infinity], v => (Descent with { Epsilon = v }).Validated()),
        ["WeightDecay"] = ([-0.1f, 1000, NaN], v => (Descent with { WeightDecay = v }).Validated()),
        ["LabelSmoothing"] = ([-0.1f, 1, NaN], v => (Descent with { LabelSmoothing = v }).Validated()),
        ["InputDropout"] = ([-0.1f, 1, NaN], v => (Descent with { InputDropout = v }).Validated()),
        ["AveragedPart"] = ([-0.1f, 1, NaN], v => (Descent with { AveragedPart = v }).Validated()),
        ["MaxBatch"] = ([0], v => (Descent with { MaxBatch = (int)v }).Validated()),
    };

    public static TheoryData<string> Names => [.. Settings.Keys];

    public static TheoryData<string> DescentNames => [.. DescentSettings.Keys];

    [Theory, MemberData(nameof(Names))]
    public void A_setting_out_of_its_range_is_named(string name) =>
        Assert.All(Settings[name].Wrong, value => Assert.Throws<ArgumentOutOfRangeException>(name, () => Settings[name].Validate(value)));

    [Theory, MemberData(nameof(DescentNames))]
    public void So_is_one_of_back_propagation(string name) =>
        Assert.All(DescentSettings[name].Wrong, value => Assert.Throws<ArgumentOutOfRangeException>(name, () => DescentSettings[name].Validate(value)));

    [Fact]
    public void The_rate_suits_the_optimizer()
    {
        Assert.Equal(0.05f, new BackPropagationOptions { Optimizer = Optimizer.Sgd }.Rate);
        Assert.Equal(0.001f, new BackPropagationOptions { Optimizer = Optimizer.Adam }.Rate);
        Assert.Equal(0.3f, new BackPropagationOptions { LearningRate = 0.3f }.Rate);
    }

    [Fact]
    public void Steps_grow_over_the_warm_up_and_shrink_with_the_schedule()
    {
        StreamingOptions options = new() { TotalSteps = 1000, WarmUpSteps = 4 };
        Assert.Equal([0.25, 0.4995, 0.7485, 0.997, 0.996], Enumerable.Range(0, 5).Select(step => Math.Round(options.ScaleAt(step), 4)));
        // At most a tenth of a run; as long as asked where the end is not known.
        Assert.Equal(0.9f, (options with { TotalSteps = 50, WarmUpSteps = 100 }).ScaleAt(5));
        Assert.Equal(0.5f, (options with { Schedule = StepSchedule.Constant, TotalSteps = 0, WarmUpSteps = 100 }).ScaleAt(49));
    }

    [Theory]
    [InlineData("relu", Loss.CrossEntropy, 2, 4, 1.5e-3, 0.1, 0.0033)]
    [InlineData("relu", Loss.CrossEntropy, 8, 0.75, 3.75e-4, 0.05, 0.0066)]
    [InlineData("sigmoid", Loss.CrossEntropy, 8, 0.5, 3.75e-5, 0.05, 0.0099)]
    [InlineData("relu", Loss.LeastSquares, 8, 4, 1.5e-3, 0.0125, 0.0033)]
    public void The_settings_suit_the_depth(string activation, Loss loss, int layers, double rate, double decay, double trust, double damping)
    {
        Network start = NetworkInit.Glorot([30, .. Enumerable.Repeat(20, layers - 1), 3], ModelFiles.Named(activation), ModelFiles.Named("identity"), loss, seed: 1, hasBiases: true);
        StreamingOptions options = StreamingOptions.For(start);
        Assert.Equal(
            [rate, decay, trust, damping, 7.5],
            ((float[])[options.LearningRate, options.WeightDecay, options.TrustRadius, options.Damping, options.EffectiveDimension]).Select(value => Math.Round((double)value, 7)));
        int warmUp = loss == Loss.LeastSquares ? 100 : layers > 4 ? 300 : 0;
        Assert.Equal((activation == "sigmoid", warmUp), (options.AdaptiveMu, options.WarmUpSteps));
    }
}
