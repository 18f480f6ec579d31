namespace Lpom.Cli.Training.Checkpoints;

/// <summary>The figures in a checkpoint of the epochs that are done.</summary>
internal static class HistoryFormat
{
    // Of an epoch: three figures, a score, and that there are no others.
    private const int LeastBytes = (3 * sizeof(double)) + 31 + 2;

    public static void Write(BinaryWriter writer, IReadOnlyList<EpochReport> history)
    {
        foreach (EpochReport epoch in history)
            WriteOne(writer, epoch);
    }

    /// <summary>Reads the history of a run that is at a place.</summary>
    /// <exception cref="InvalidDataException">One that the run cannot have.</exception>
    /// <exception cref="EndOfStreamException">It ends too soon.</exception>
    public static void Read(BinaryReader reader, RunFrame frame, RunPosition at)
    {
        at.History.Clear();
        at.History.EnsureCapacity((int)Math.Min(at.Epoch - 1, reader.Left() / LeastBytes));
        for (int epoch = 1; epoch < at.Epoch; epoch++)
            at.History.Add(ReadOne(reader, frame, epoch));
    }

    private static void WriteOne(BinaryWriter writer, EpochReport epoch)
    {
        writer.Write(epoch.Seconds);
        writer.Write(epoch.Objective);
        writer.Write(epoch.Loss);
        WriteScore(writer, epoch.Train);
        WriteScore(writer, epoch.Validation);
        WriteScore(writer, epoch.Test);
        foreach (LayerFigures layer in epoch.Layers)
        {
            writer.Write(layer.Residual);
            writer.Write(layer.Norm);
        }
    }

    private static EpochReport ReadOne(BinaryReader reader, RunFrame frame, int number)
    {
        (double seconds, double objective, double loss) = (reader.ReadFinite(), reader.ReadFinite(), reader.ReadFinite());
        Score train = ReadScore(reader, frame, isThere: true)!.Value;
        (Score? validation, Score? test) = (ReadScore(reader, frame, frame.HasValidation), ReadScore(reader, frame, frame.HasTest));
        var layers = new LayerFigures[frame.Layers];
        for (int i = 0; i < layers.Length; i++)
            layers[i] = new LayerFigures(reader.ReadDouble(), reader.ReadDouble());
        return new EpochReport(number, seconds, objective, loss, train, validation, test, layers);
    }

    private static void WriteScore(BinaryWriter writer, Score? score)
    {
        writer.Write(score is not null);
        if (score is not Score measured)
            return;
        writer.Write(measured.Accuracy is not null);
        writer.Write(measured.Value);
        writer.Write(measured.R2 is not null);
        writer.Write(measured.R2 ?? 0);
        writer.Write(measured.Loss);
        writer.Write(measured.Samples);
    }

    private static Score? ReadScore(BinaryReader reader, RunFrame frame, bool isThere)
    {
        if (reader.ReadBoolean() != isThere)
            throw new InvalidDataException($"an epoch of it has {(isThere ? "no" : "a")} score on rows that {(isThere ? "are" : "are not")} there");
        if (!isThere)
            return null;
        bool isAccuracy = reader.ReadBoolean();
        double value = reader.ReadDouble();
        // An error may be anything: rows may hold values too large for the network.
        if (isAccuracy != frame.IsClassification || (isAccuracy && value is not (>= 0 and <= 1)))
            throw new InvalidDataException($"a score of it is {(isAccuracy ? "an accuracy" : "an error")} of {value}");
        bool hasR2 = reader.ReadBoolean();
        double r2 = reader.ReadDouble();
        return new Score(isAccuracy ? value : null, isAccuracy ? null : value, hasR2 ? r2 : null, reader.ReadDouble(), reader.ReadInt32());
    }
}
