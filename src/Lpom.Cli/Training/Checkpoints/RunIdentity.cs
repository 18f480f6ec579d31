using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using Lpom.Cli.Options;
using Lpom.Data;
using Lpom.Simd.Model;

namespace Lpom.Cli.Training.Checkpoints;

/// <summary>What determines a run's result: only a run with the same can go on from a checkpoint.</summary>
/// <param name="Options">Names of options and their values; empty for a default that the method or the data chooses.</param>
/// <param name="Data">The data's name.</param>
/// <param name="Digest">Of all inputs, as preprocessed, and labels.</param>
internal sealed record RunIdentity(IReadOnlyList<KeyValuePair<string, string>> Options, string Data, string Digest)
{
    private const int RowsAtOnce = 64;

    public static RunIdentity Of(TrainSettings settings, Dataset data) => new([.. OptionsOf(settings)], ModelRecord.NameOf(settings.Data, data), DigestOf(data));

    /// <summary>What differs, for people; null when nothing does.</summary>
    /// <param name="checkpoint">That of the checkpoint.</param>
    public string? DifferenceTo(RunIdentity checkpoint)
    {
        if (Data != checkpoint.Data)
            return $"it was trained on {checkpoint.Data}, not on {Data}";
        foreach ((string option, string value) in Options)
        {
            string? there = checkpoint.Options.Where(o => o.Key == option).Select(o => o.Value).FirstOrDefault();
            if (there != value)
                return $"it has {Said(option, there)}, not {Said(option, value)}";
        }

        return Digest == checkpoint.Digest ? null : $"the rows of {Data} are not those that it was trained on";
    }

    private static string Said(string option, string? value) => string.IsNullOrEmpty(value) ? $"no {option}" : $"{option} {value}";

    /// <summary>Names of options and their values; empty for a default that the method or the data chooses.</summary>
    public static IEnumerable<KeyValuePair<string, string>> OptionsOf(TrainSettings settings)
    {
        yield return new("--method", settings.Method);
        yield return new("--task", settings.Task.ToString().ToLowerInvariant());
        yield return new("--target", settings.Target ?? "");
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
    }

    private static string Text(IFormattable? value) => value?.ToString(null, CultureInfo.InvariantCulture) ?? "";

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
        Span<byte> count = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(count, rows.Rows);
        hash.Append(count);
        float[] inputs = new float[RowsAtOnce * rows.Features];
        int[] labels = new int[RowsAtOnce];
        for (int first = 0; first < rows.Rows; first += RowsAtOnce)
        {
            int some = Math.Min(RowsAtOnce, rows.Rows - first);
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
