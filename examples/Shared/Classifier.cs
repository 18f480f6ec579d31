using System.Globalization;
using System.Text.Json;
using Lpom.Data;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Examples;

/// <summary>A network with what it takes to use it on raw values: how they become inputs, and what the classes are called.</summary>
/// <remarks>Immutable, for any number of threads.</remarks>
internal sealed class Classifier
{
    // Names of `lpom train`'s metadata.
    private const string DataKey = "data", ClassesKey = "classes";

    private Classifier(Network network, Preprocessing preprocessing, IReadOnlyList<string> classNames, string data)
    {
        Network = network;
        Preprocessing = preprocessing;
        ClassNames = classNames;
        Data = data;
    }

    public Network Network { get; }

    /// <summary>How raw values become inputs.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>The name of each class, by label.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The name of the data that it was trained on, or nothing.</summary>
    public string Data { get; }

    /// <summary>Reads a model file of <c>lpom train</c>, or any other that Lpom reads: its inputs are then raw values, its classes numbers.</summary>
    /// <exception cref="ModelFormatException">No model, or metadata that is not what it should be.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static Classifier Load(string path)
    {
        if (Directory.Exists(path)) throw new IOException($"{path} is a folder, expected a model file.");
        Network network = Network.Load(path);
        string[] classes = Array(network, ClassesKey, path, item => item.GetString()!) ?? [.. Enumerable.Range(0, network.Outputs).Select(label => label.ToString(CultureInfo.InvariantCulture))];
        if (classes.Length != network.Outputs)
            throw new ModelFormatException($"{path}: metadata '{ClassesKey}' names {classes.Length} classes, the network has {network.Outputs} outputs.");
        return new Classifier(network, PreprocessingOf(network, path), classes, network.Metadata.GetValueOrDefault(DataKey, ""));
    }

    /// <summary>Trains on the digits that are built into Lpom.Data, in a fraction of a second.</summary>
    /// <param name="digits">The digits.</param>
    public static Classifier TrainOn(Dataset digits)
    {
        const int epochs = 20;
        Activation relu = Activation.Of(default(Relu)), linear = Activation.Of(default(Identity));
        Network start = NetworkInit.Glorot([digits.Features, 128, digits.Classes], relu, linear, Loss.CrossEntropy, seed: 1, hasBiases: true);
        var batches = new Batches(digits.Train, size: 100, seed: 1);
        using var trainer = new StreamingTrainer(start, new StreamingOptions { TotalSteps = epochs * batches.Count }, digits.Train);
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            foreach (Batch batch in batches.Epoch(epoch)) trainer.Step(batch.Inputs, batch.Labels);
        }
        return new Classifier(trainer.ToNetwork(), digits.Preprocessing, digits.ClassNames, digits.Name);
    }

    private static Preprocessing PreprocessingOf(Network network, string path)
    {
        try
        {
            return Preprocessing.Of(network) ?? Preprocessing.Identity;
        }
        catch (ModelFormatException e)
        {
            throw new ModelFormatException($"{path}: {e.Message}.", e);
        }
    }

    private static T[]? Array<T>(Network network, string key, string path, Func<JsonElement, T> convert)
    {
        if (!network.Metadata.TryGetValue(key, out string? text)) return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            return [.. document.RootElement.EnumerateArray().Select(convert)];
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new ModelFormatException($"{path}: metadata '{key}' is not a JSON array as lpom writes it.", e);
        }
    }
}
