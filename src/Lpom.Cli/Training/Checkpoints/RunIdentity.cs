using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Lpom.Cli.Options;
using Lpom.Data;
using Lpom.Simd.Model;
using Lpom.Simd.Training;

namespace Lpom.Cli.Training.Checkpoints;

/// <summary>What determines a run's result: only a run with the same can go on from a checkpoint.</summary>
/// <param name="Options">Names of options and their values; empty for a default that the method or the data chooses.</param>
/// <param name="Data">The data's name.</param>
/// <param name="Digest">Of all inputs, as preprocessed, and labels.</param>
/// <param name="Meaning">Digest of what inputs and labels stand for: classes, columns, preprocessing, how the rows were divided.</param>
/// <param name="Program">The version of the program: another may take other steps.</param>
internal sealed record RunIdentity(IReadOnlyList<KeyValuePair<string, string>> Options, string Data, string Digest, string Meaning, string Program)
{
    private const int MostRowsAtOnce = 64, ValuesAtOnce = 1 << 20;

    public static RunIdentity Of(TrainSettings settings, Dataset data) =>
        new([.. OptionsOf(settings)], ModelRecord.NameOf(settings.Data, data), DigestOf(data), MeaningOf(data), VersionAction.Number);

    /// <summary>What differs, for people; null when nothing does.</summary>
    /// <param name="checkpoint">That of the checkpoint.</param>
    public string? DifferenceTo(RunIdentity checkpoint)
    {
        if (Program != checkpoint.Program)
            return $"it was trained by lpom {checkpoint.Program}, this is lpom {Program}";
        if (Data != checkpoint.Data)
            return $"it was trained on {checkpoint.Data}, not on {Data}";
        foreach ((string option, string value) in Options)
        {
            string? there = checkpoint.Options.Where(o => o.Key == option).Select(o => o.Value).FirstOrDefault();
            if (there != value)
                return $"it has {Said(option, there)}, not {Said(option, value)}";
        }

        if (Digest != checkpoint.Digest)
            return $"the rows of {Data} are not those that it was trained on";
        return Meaning == checkpoint.Meaning ? null : $"the classes, columns or scales of {Data} are not those that it was trained on";
    }

    private static string Said(string option, string? value) => string.IsNullOrEmpty(value) ? $"no {option}" : $"{option} {value}";

    /// <summary>Names of options and their values; empty for a default that the method or the data chooses.</summary>
    public static IEnumerable<KeyValuePair<string, string>> OptionsOf(TrainSettings settings)
    {
        yield return new("--method", settings.Method);
        yield return new("--task", settings.Task.ToString().ToLowerInvariant());
        yield return new("--target", settings.Target ?? "");
        yield return new("--resize", settings.Resize?.ToString() ?? "");
        yield return new("--layers", string.Join('-', settings.Layers));
        yield return new("--activation", settings.Hidden.Name);
        yield return new("--output-activation", settings.OutputActivation);
        yield return new("--loss", settings.Loss.Name());
        yield return new("--init", settings.Init?.ToString().ToLowerInvariant() ?? "");
        yield return new("--adaptive-mu", settings.AdaptiveMu switch { true => "on", false => "off", null => "" });
        yield return new("--epochs", Text(settings.Epochs));
        yield return new("--batch", Text(settings.Batch));
        yield return new("--seed", Text(settings.Seed));
        yield return new("--mu", Text(settings.Mu));
        yield return new("--lr", Text(settings.LearningRate));
        yield return new("--weight-decay", Text(settings.WeightDecay));
        yield return new("--label-smoothing", Text(settings.LabelSmoothing));
        yield return new("--dropout", Text(settings.Dropout));
        yield return new("--average", Text(settings.AveragedPart));
        yield return new("--patience", Text(settings.Patience));
        yield return new("--schedule", settings.Schedule.ToString().ToLowerInvariant());
        yield return new("--validation", Text(settings.Validation));
        // The other ways to share the work give the same model, or one that is the same but for rounding.
        yield return new("--parallel", settings.Parallelism is Parallelism.Synchronous or Parallelism.Asynchronous ? TrainSettings.NameOf(settings.Parallelism)! : "");
        yield return new("--distributed", settings.Distribution == Distribution.Layers ? $"{TrainSettings.LayersDistribution} with {settings.Ranks} ranks" : "");
    }

    private static string Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture) ?? "";

    private static string MeaningOf(Dataset data)
    {
        var hash = new XxHash128();
        string[] names = [.. data.ClassNames, .. data.NumberNames];
        KeyValuePair<string, string>[] pairs = [.. data.Preprocessing.Metadata, .. data.Columns is TableSchema columns ? [columns.Metadata] : Array.Empty<KeyValuePair<string, string>>()];
        Add(hash, names);
        Add(hash, [.. pairs.Select(pair => pair.Key), .. pairs.Select(pair => pair.Value), data.SplitRule ?? ""]);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    // Each behind its length: no two lists of texts give the same bytes.
    private static void Add(XxHash128 hash, string[] texts)
    {
        Add(hash, texts.Length);
        foreach (string text in texts)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            Add(hash, bytes.Length);
            hash.Append(bytes);
        }
    }

    private static void Add(XxHash128 hash, int count)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, count);
        hash.Append(bytes);
    }

    /// <summary>Of all inputs, as preprocessed, and targets.</summary>
    public static string DigestOf(Dataset data)
    {
        var hash = new XxHash128();
        Add(hash, data.Train);
        Add(hash, data.Test);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static void Add(XxHash128 hash, DataView rows)
    {
        Add(hash, rows.Rows);
        int rowsAtOnce = Math.Clamp(ValuesAtOnce / rows.Features, 1, MostRowsAtOnce);
        float[] inputs = new float[rowsAtOnce * rows.Features];
        int[] labels = new int[rowsAtOnce];
        for (int first = 0; first < rows.Rows; first += rowsAtOnce)
        {
            int some = Math.Min(rowsAtOnce, rows.Rows - first);
            rows.CopyInputs(first, some, inputs, rows.Features);
            hash.Append(MemoryMarshal.AsBytes(inputs.AsSpan(0, some * rows.Features)));
            if (rows.Targets == TargetKind.Classes)
                rows.CopyLabels(first, some, labels);
            hash.Append(MemoryMarshal.AsBytes(labels.AsSpan(0, some)));
            for (int row = first; rows.Targets == TargetKind.Numbers && row < first + some; row++)
                hash.Append(MemoryMarshal.AsBytes(rows.Numbers(row)));
        }
    }
}
