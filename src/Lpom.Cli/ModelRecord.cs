using System.Globalization;
using Lpom.Cli.Options;
using Lpom.Cli.Training;
using Lpom.Data;
using Lpom.Simd.Model;

namespace Lpom.Cli;

/// <summary>
/// What a trained model's metadata says beyond the network itself: what is needed to predict and to evaluate, and how it was
/// trained. Nothing that differs between equal runs: no threads, times, paths or hosts.
/// </summary>
internal sealed record ModelRecord
{
    private const string DataKey = "data", ClassesKey = "classes", SplitKey = "split", ImageKey = "image", ResizeKey = "resize";
    private const string MethodKey = "method", TaskKey = "task", Autoencode = "autoencode", Regress = "regress", InitKey = "init", MuKey = "mu", AdaptiveMuKey = "adaptive-mu", RateKey = "lr", DecayKey = "weight-decay", SmoothingKey = "label-smoothing", ScheduleKey = "schedule", BatchKey = "batch", SeedKey = "seed", ValidationKey = "validation", PatienceKey = "patience", DropoutKey = "dropout", AverageKey = "average", EpochsKey = "epochs", RestartsKey = "restarts";
    private const string AccuracyKey = "test-accuracy", MseKey = "test-mse", R2Key = "test-r2", InterruptedKey = "interrupted", DivergedKey = "diverged", True = "true";

    /// <summary>Name of the data; null when the model was not trained here.</summary>
    public required string? Data { get; init; }

    public required LearningTask Task { get; init; }

    /// <summary>Name of each class, by label; null when unknown.</summary>
    public required IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>How raw values become inputs; null when unknown.</summary>
    public required Preprocessing? Preprocessing { get; init; }

    /// <summary>The columns of a table that raw values are made of; null when they are numbers in their order, or it is unknown.</summary>
    public required TableSchema? Columns { get; init; }

    /// <summary>Shape of the images that it was trained on; null when they are none, or it is unknown.</summary>
    public required ImageShape? Image { get; init; }

    /// <summary>The size that the images of a folder were brought to; null for their own.</summary>
    public required ImageSize? Resize { get; init; }

    /// <summary>How the test part was chosen; null when the data came with its own.</summary>
    public required string? SplitRule { get; init; }

    /// <summary>Whether training was cut short, by a signal or by divergence.</summary>
    public static bool IsUnfinished(Network network) =>
        network.Metadata.ContainsKey(InterruptedKey) || network.Metadata.ContainsKey(DivergedKey);

    /// <summary>The metadata of a model trained here.</summary>
    /// <param name="settings">Of the training.</param>
    /// <param name="data">What it was trained on.</param>
    /// <param name="batch">Rows of a step.</param>
    /// <param name="outcome">How it ended.</param>
    public static IEnumerable<KeyValuePair<string, string>> Describe(TrainSettings settings, Dataset data, int batch, TrainingOutcome outcome)
    {
        yield return new(DataKey, NameOf(settings.Data, data));
        if (settings.Task == LearningTask.Classify)
            yield return new(ClassesKey, JsonText.Array(data.ClassNames, static (json, name) => json.WriteStringValue(name)));
        else
            yield return new(TaskKey, settings.Task == LearningTask.Autoencode ? Autoencode : Regress);
        if (data.Columns is TableSchema columns)
            yield return columns.Metadata;
        foreach (KeyValuePair<string, string> pair in data.Preprocessing.Metadata)
            yield return pair;
        if (data.Shape is ImageShape shape)
            yield return new(ImageKey, string.Create(CultureInfo.InvariantCulture, $"{shape.Channels}x{shape.Height}x{shape.Width}"));
        if (settings.Resize is ImageSize size)
            yield return new(ResizeKey, size.ToString());
        if (data.SplitRule is string rule)
            yield return new(SplitKey, rule);
        yield return new(RunConfig.MetadataKey, RunConfig.OfModel(settings, data));
        yield return new(MethodKey, settings.Method);
        yield return new(InitKey, settings.StartWeights.ToString().ToLowerInvariant());
        if (settings.AdaptiveMu is bool adaptive)
            yield return new(AdaptiveMuKey, adaptive ? "on" : "off");
        if (settings.MuOf(outcome.Network.Layers.Count) is float mu)
            yield return new(MuKey, Number(mu));
        foreach ((string key, float? value) in ((string, float?)[])[(RateKey, settings.LearningRate), (DecayKey, settings.WeightDecay), (SmoothingKey, settings.LabelSmoothing)])
        {
            if (value is float given)
                yield return new(key, Number(given));
        }
        yield return new(ScheduleKey, settings.Schedule.ToString().ToLowerInvariant());
        yield return new(BatchKey, batch.ToString(CultureInfo.InvariantCulture));
        yield return new(SeedKey, settings.Seed.ToString(CultureInfo.InvariantCulture));
        if (settings.ValidationOf(data.Train.Rows) is > 0 and int held)
            yield return new(ValidationKey, held.ToString(CultureInfo.InvariantCulture));
        if (settings.Patience is int patience)
            yield return new(PatienceKey, patience.ToString(CultureInfo.InvariantCulture));
        foreach ((string key, float part) in ((string, float)[])[(DropoutKey, settings.Dropout), (AverageKey, settings.AveragedPart)])
        {
            if (part > 0)
                yield return new(key, Number(part));
        }
        if (outcome.Restarts > 0)
            yield return new(RestartsKey, outcome.Restarts.ToString(CultureInfo.InvariantCulture));
        yield return new(EpochsKey, outcome.Epochs.ToString(CultureInfo.InvariantCulture));
        if (outcome.Last.Test is Score test)
            yield return new(test.Accuracy is null ? MseKey : AccuracyKey, test.Value.ToString(CultureInfo.InvariantCulture));
        if (outcome.Last.Test?.R2 is double r2)
            yield return new(R2Key, r2.ToString(CultureInfo.InvariantCulture));
        if (outcome.IsInterrupted)
            yield return new(InterruptedKey, True);
        if (outcome.HasDiverged)
            yield return new(DivergedKey, True);
    }

    /// <summary>Reads the metadata of a model file.</summary>
    /// <param name="network">The model.</param>
    /// <param name="file">What errors call it.</param>
    /// <exception cref="BadInputException">A value is not what it should be.</exception>
    public static ModelRecord Read(Network network, string file)
    {
        IReadOnlyList<string>? classes = JsonText.Strings(network.Metadata.GetValueOrDefault(ClassesKey), file, ClassesKey);
        if (classes is not null && classes.Count != network.Outputs)
            throw new BadInputException($"{file}: metadata '{ClassesKey}' names {classes.Count} classes, the network has {network.Outputs} outputs");
        if (classes?.GroupBy(name => name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new BadInputException($"{file}: metadata '{ClassesKey}' names the class '{twice.Key}' twice");
        string? rule = network.Metadata.GetValueOrDefault(SplitKey);
        if (rule is not null && rule != StratifiedSplit.Rule)
            throw new BadInputException($"{file}: metadata '{SplitKey}' is '{rule}', expected '{StratifiedSplit.Rule}'");
        return new ModelRecord
        {
            Data = network.Metadata.GetValueOrDefault(DataKey),
            Task = ReadTask(network, file),
            ClassNames = classes,
            Preprocessing = Of(Preprocessing.Of, network, file),
            Columns = Of(TableSchema.Of, network, file),
            Image = ReadImage(network, file),
            Resize = ReadResize(network, file),
            SplitRule = rule,
        };
    }

    private static ImageShape? ReadImage(Network network, string file)
    {
        if (!network.Metadata.TryGetValue(ImageKey, out string? text))
            return null;
        int[] sides = [.. text.Split('x').Select(side => int.TryParse(side, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : 0)];
        return sides is [1 or 3, > 0, > 0] && (long)sides[0] * sides[1] * sides[2] == network.Inputs
            ? new ImageShape(sides[0], sides[1], sides[2])
            : throw new BadInputException($"{file}: metadata '{ImageKey}' is '{text}', expected channels (1 or 3), height and width of the network's {network.Inputs} inputs, such as 1x28x28");
    }

    private static ImageSize? ReadResize(Network network, string file)
    {
        if (!network.Metadata.TryGetValue(ResizeKey, out string? text))
            return null;
        return ImageSize.TryParse(text, out ImageSize size)
            ? size
            : throw new BadInputException($"{file}: metadata '{ResizeKey}' is '{text}', expected a width and a height, such as 28x28");
    }

    private static LearningTask ReadTask(Network network, string file)
    {
        if (!network.Metadata.TryGetValue(TaskKey, out string? task))
            return LearningTask.Classify;
        if (task == Regress)
            return LearningTask.Regress;
        if (task != Autoencode)
            throw new BadInputException($"{file}: metadata '{TaskKey}' is '{task}', expected '{Autoencode}', '{Regress}' or nothing");
        if (network.Outputs != network.Inputs)
            throw new BadInputException($"{file}: metadata '{TaskKey}' is '{task}', but the network takes {network.Inputs} values and gives {network.Outputs}");
        return LearningTask.Autoencode;
    }

    private static T? Of<T>(Func<Network, T?> read, Network network, string file)
    {
        try
        {
            return read(network);
        }
        catch (ModelFormatException e)
        {
            throw new BadInputException($"{file}: {e.Message}", e);
        }
    }

    /// <summary>A file's own name, so that the user's mnist.csv is never taken for mnist.</summary>
    /// <param name="given">Name or path by which the data was loaded.</param>
    /// <param name="data">The data.</param>
    public static string NameOf(string given, Dataset data) =>
        !NamedData.Names.Contains(given) && File.Exists(given) ? Path.GetFileName(given) : data.Name;

    private static string Number(float value) => value.ToString("R", CultureInfo.InvariantCulture);
}
