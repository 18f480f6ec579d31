using Lpom.Cli.Options;
using Lpom.Data;
using Lpom.Simd.Model;
using Lpom.Simd.Training;
using Lpom.Simd.Training.BackPropagation;
using Lpom.Simd.Training.Distributed;
using Lpom.Simd.Training.Inputs;
using Lpom.Simd.Training.Paper;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Cli.Training;

/// <summary>Makes the start network and the trainer of a method.</summary>
internal static class TrainerFactory
{
    /// <param name="settings">What to do.</param>
    /// <param name="rows">The rows to train on.</param>
    /// <param name="widths">Inputs, hidden widths, classes.</param>
    /// <param name="batch">The most rows of a step.</param>
    /// <param name="totalSteps">Steps of the whole run.</param>
    /// <param name="ranks">The processes that train together; null for this one alone.</param>
    /// <param name="restart">From where to go on with smaller steps; null to begin.</param>
    /// <exception cref="BadInputException">Rows that nothing can be learnt from.</exception>
    public static (Network Start, Trainer Trainer) Create(TrainSettings settings, ISampleRows rows, int[] widths, int batch, int totalSteps, ICommunicator? ranks = null, Restart? restart = null)
    {
        Network start = settings.CreateStart(widths);
        if (settings.Method == TrainSettings.PaperMethod)
            return (start, new PaperTrainer(restart?.Network ?? start, Paper(settings, widths.Length - 1, batch, totalSteps, restart)));
        return OnRows(settings, () =>
        {
            InputScaling scaling = InputScaling.Fit(rows, settings.Threads);
            StreamingOptions suited = StreamingOptions.For(start, settings.AdaptiveMu);
            start = scaling.FoldInto(start);
            Network from = restart?.Network ?? start;
            Trainer trainer = settings.Method == TrainSettings.StreamingMethod
                ? new StreamingTrainer(from, Streaming(settings, suited, batch, totalSteps, restart), rows, scaling, ranks)
                : new BackPropagationTrainer(from, BackPropagation(settings, batch, totalSteps, restart), rows, scaling, ranks);
            return (start, trainer);
        });
    }

    /// <summary>The same for this rank's block of the network.</summary>
    /// <param name="settings">What to do.</param>
    /// <param name="rows">The rows to train on.</param>
    /// <param name="blocks">Of all ranks.</param>
    /// <param name="batch">The most rows of a step.</param>
    /// <param name="totalSteps">Steps of the whole run.</param>
    /// <param name="restart">From where to go on with smaller steps; null to begin.</param>
    /// <exception cref="BadInputException">Rows that nothing can be learnt from.</exception>
    public static (Network Start, Trainer Trainer) CreateBlock(TrainSettings settings, DataView rows, LayerRanks blocks, int batch, int totalSteps, Restart? restart = null) => OnRows(settings, () =>
    {
        int[] widths = [.. blocks.Widths];
        InputScaling scaling = InputScaling.Fit(rows, settings.Threads);
        // All layers pass by once, and this rank's stay.
        List<Layer?> kept = [];
        StreamingOptions suited = StreamingOptions.For(settings.StartLayers(widths).Select(Keep), settings.Loss, settings.AdaptiveMu);
        Network start = blocks.BlockOf(kept!, settings.Loss);
        if (blocks.HasFirstLayer)
            start = scaling.FoldInto(start);
        return (start, (Trainer)new StreamingTrainer(restart?.Network ?? start, Streaming(settings, suited, batch, totalSteps, restart), rows, blocks, scaling));

        Layer Keep(Layer layer, int i)
        {
            kept.Add(i >= blocks.FirstLayer && i < blocks.FirstLayer + blocks.Count ? layer : null);
            return layer;
        }
    });

    /// <summary>The same settings with those that the method and the network choose.</summary>
    /// <param name="settings">For some data, <see cref="TrainSettings.For"/>.</param>
    public static TrainSettings WithDefaults(TrainSettings settings)
    {
        settings = settings with { Mu = settings.MuOf(settings.Layers.Length - 1) };
        if (settings.Method == TrainSettings.PaperMethod)
            return settings;
        bool isStreaming = settings.Method == TrainSettings.StreamingMethod;
        StreamingOptions suited = isStreaming ? StreamingOptions.For(settings.StartLayers(settings.Layers), settings.Loss, settings.AdaptiveMu) : default;
        BackPropagationOptions defaults = Defaults(settings);
        return settings with
        {
            Init = settings.StartWeights,
            AdaptiveMu = isStreaming ? suited.AdaptiveMu : null,
            LearningRate = settings.LearningRate ?? (isStreaming ? suited.LearningRate : defaults.Rate),
            WeightDecay = settings.WeightDecay ?? (isStreaming ? suited.WeightDecay : defaults.WeightDecay),
            LabelSmoothing = settings.Loss == Loss.LeastSquares ? null : settings.LabelSmoothing ?? (isStreaming ? suited.LabelSmoothing : defaults.LabelSmoothing),
        };
    }

    private static T OnRows<T>(TrainSettings settings, Func<T> create)
    {
        try
        {
            return create();
        }
        catch (ArgumentException e) when (e.ParamName == "rows")
        {
            throw new BadInputException($"--data {settings.Data}: {e.Message.Split(" (Parameter")[0]}", e);
        }
    }

    private static float Part(Restart? restart) => restart?.StepPart ?? 1;

    private static PaperOptions Paper(TrainSettings settings, int layers, int batch, int totalSteps, Restart? restart) => new()
    {
        Mu = settings.MuOf(layers)!.Value / Part(restart),
        Schedule = settings.Schedule,
        TotalSteps = totalSteps,
        FirstStep = restart?.Step ?? 0,
        MaxBatch = batch,
        Threads = settings.Threads,
        Seed = settings.Seed,
    };

    private static StreamingOptions Streaming(TrainSettings settings, StreamingOptions suited, int batch, int totalSteps, Restart? restart) => suited with
    {
        Mu = settings.Mu ?? suited.Mu,
        LearningRate = (settings.LearningRate ?? suited.LearningRate) * Part(restart),
        TrustRadius = suited.TrustRadius * Part(restart),
        WeightDecay = settings.WeightDecay ?? suited.WeightDecay,
        LabelSmoothing = settings.LabelSmoothing ?? suited.LabelSmoothing,
        InputDropout = settings.Dropout,
        AveragedPart = settings.AveragedPart,
        Schedule = settings.Schedule,
        TotalSteps = totalSteps,
        FirstStep = restart?.Step ?? 0,
        MaxBatch = batch,
        Threads = settings.Threads,
        Parallelism = settings.Parallelism,
        Seed = settings.Seed,
    };

    private static BackPropagationOptions Defaults(TrainSettings settings) =>
        new() { Optimizer = settings.Method == TrainSettings.AdamMethod ? Optimizer.Adam : Optimizer.Sgd };

    private static BackPropagationOptions BackPropagation(TrainSettings settings, int batch, int totalSteps, Restart? restart)
    {
        BackPropagationOptions defaults = Defaults(settings);
        return defaults with
        {
            LearningRate = (settings.LearningRate ?? defaults.Rate) * Part(restart),
            WeightDecay = settings.WeightDecay ?? defaults.WeightDecay,
            LabelSmoothing = settings.LabelSmoothing ?? defaults.LabelSmoothing,
            InputDropout = settings.Dropout,
            AveragedPart = settings.AveragedPart,
            Schedule = settings.Schedule,
            TotalSteps = totalSteps,
            FirstStep = restart?.Step ?? 0,
            MaxBatch = batch,
            Threads = settings.Threads,
            Seed = settings.Seed,
        };
    }
}
