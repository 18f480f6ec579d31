using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Lpom.Cli;
using Lpom.Cli.Training;
using Lpom.Cli.Training.Checkpoints;
using Lpom.Data;
using Lpom.Data.Tests.Support;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Tests.Training;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Fuzz;

/// <summary>Every reader of files from outside.</summary>
internal static class Targets
{
    private const int Features = 3, TrainerBatch = 4;

    private static readonly Type[] OfData = [typeof(DataFormatException)], OfModels = [typeof(ModelFormatException)];

    private static readonly byte[][] Tables = [.. TableTexts().Select(Encoding.UTF8.GetBytes)];

    private static readonly byte[][] Arrays =
    [
        NpyBytes.Of("<f4", [4, 3], 1f, 2f, 0f, 3f, 4f, 1f, 5f, 6f, 0f, 7f, 8f, 1f),
        NpyBytes.Of("<f8", [2, 3], 1d, 2d, 0d, 3d, 4d, 1d),
        NpyBytes.Of<byte>("|u1", [2, 3], 1, 2, 0, 3, 4, 1),
        NpyBytes.Of(">i2", [2, 3], (short)256, (short)512, (short)0, (short)256, (short)512, (short)256),
        NpyBytes.Of<long>("<i8", [4], 0, 1, 0, 1),
    ];

    private static readonly byte[][] Archives =
    [
        NpyBytes.Zip(CompressionLevel.NoCompression, ("x.npy", Arrays[0]), ("y.npy", Arrays[4])),
        NpyBytes.Zip(CompressionLevel.Fastest, ("x_train.npy", Arrays[0]), ("y_train.npy", Arrays[4]), ("x_test.npy", Arrays[0]), ("y_test.npy", Arrays[4])),
    ];

    private static readonly byte[][] Images = [Idx(3, [2, 1, Features], 1, 2, 3, 4, 5, 6), Idx(3, [1, 3, 1], 9, 0, 255)], Labels = [Idx(1, [5], 3, 1, 4, 1, 5)];

    private static readonly byte[][] Pictures =
    [
        PngBytes.Grey(2, 2, 7),
        PngBytes.Image(PngBytes.Header(5, 3, depth: 2, colour: 3, interlace: 1), new byte[16], ("PLTE", [1, 2, 3, 4, 5, 6]), ("tRNS", [255])),
        PngBytes.Image(PngBytes.Header(2, 5, depth: 16, colour: 6), [.. Enumerable.Range(0, 5).SelectMany(row => (byte[])[(byte)row, .. Enumerable.Repeat((byte)(row == 0 ? 255 : 0), 16)])]),
    ];

    private static readonly Network Start = NetworkInit.Glorot([Features, 2, 2], Activation.Of(default(Relu)), Activation.Of(default(Identity)), Loss.CrossEntropy, seed: 1);

    // Reads into memory that is there already.
    private static readonly StreamingTrainer Trained = NewTrainer();

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("csv", Tables, file => CsvReader.Read(file.FullName), null, IsText: true, OfData),
        new("csv-gz", Packed(Tables), file => CsvReader.Read(file.FullName), Gzip, IsText: true, OfData),
        new("csv-rows", Tables, ReadRows, null, IsText: true, OfData),
        new("idx", Images, file => IdxReader.ReadImages(file.FullName), null, IsText: false, OfData),
        new("idx-gz", Packed(Images), file => IdxReader.ReadImages(file.FullName), Gzip, IsText: false, OfData),
        new("idx-labels", Labels, file => IdxReader.ReadLabels(file.FullName), null, IsText: false, OfData),
        new("idx-rows", Images, file => ReadRows(BinaryRowReader.OpenIdx(file.FullName, Features)), null, IsText: false, OfData),
        new("npy", Arrays, file => NpyReader.ReadTable(file.FullName), null, IsText: true, OfData),
        new("npy-rows", Arrays, file => ReadRows(BinaryRowReader.ReadNpy(new MemoryStream(file.Bytes), "input", Features)), null, IsText: true, OfData),
        new("npz", Archives, file => NpyReader.ReadArchive(file.FullName), null, IsText: false, OfData),
        new("npz-member", [.. Archives, .. Arrays], file => NpyReader.ReadArchive(file.FullName), Archive, IsText: false, OfData),
        new("npz-rows", [.. Archives, .. Arrays], file => ReadRows(BinaryRowReader.OpenNpz(file.FullName, Features)), Archive, IsText: false, OfData),
        new("png", Pictures, file => PngReader.Read(file.FullName), PngBytes.WithChecksums, IsText: false, OfData),
        new("raw-rows", [[1, 2, 3, 4, 5, 6]], file => ReadRows(BinaryRowReader.OpenRaw(file.FullName, Features)), null, IsText: false, OfData),
        new("safetensors", Models(ModelFormat.Safetensors), Load, null, IsText: true, OfModels),
        new("onnx", Models(ModelFormat.Onnx), Load, null, IsText: false, OfModels),
        new("checkpoint", [Checkpoints(0), Checkpoints(1)], ReadCheckpoint, null, IsText: false, typeof(InvalidDataException), typeof(EndOfStreamException), typeof(ModelFormatException)),
        new("trainer-state", [State()], LoadState, null, IsText: false, typeof(InvalidDataException), typeof(EndOfStreamException)),
    ];

    private static IEnumerable<string> TableTexts()
    {
        yield return "a,b,class\n1,2,x\n3,4.5,y\n-1e3,0,x\n2,2,y\n";
        yield return "1;2;0\n3;4;1\n5;6;0\n";
        yield return "\"a\"\t\"b \"\"c\"\"\"\tlabel\r\n0.5\t1\tA\r\n1.5\t2\tB\r\n";
        yield return "1 2 0\n3 4 1\n";
        yield return "7,8,9\n1,2,3";
    }

    private static byte[] Idx(byte dimensions, uint[] sizes, params byte[] values)
    {
        byte[] header = new byte[4 * (1 + sizes.Length)];
        (header[2], header[3]) = (8, dimensions);
        for (int i = 0; i < sizes.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4 * (i + 1)), sizes[i]);
        return [.. header, .. values];
    }

    private static void ReadRows(ScratchFile file)
    {
        using var rows = new CsvRowReader(new MemoryStream(file.Bytes), "input");
        while (rows.Read())
        {
        }
    }

    private static void ReadRows(BinaryRowReader reader)
    {
        using (reader)
        {
            float[] row = new float[Features];
            while (reader.Read(row))
            {
            }
        }
    }

    private static void Load(ScratchFile file)
    {
        using var stream = new MemoryStream(file.Bytes);
        Network network = Network.Load(stream, "input");
        Require(network.Layers.All(layer => layer.Weights.Row(0).ToArray().All(float.IsFinite)), "the weights are finite");
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
            throw new InvalidOperationException($"It does not hold that {what}.");
    }

    private static byte[][] Models(ModelFormat format) =>
        [.. new[] { "relu", "softplus", "clip01" }.Select(name => Bytes(name, format))];

    private static byte[] Bytes(string activation, ModelFormat format)
    {
        _ = Activation.TryGet(activation, out Activation? hidden);
        Network network = NetworkInit.Glorot([Features, 2, 2], hidden!, Activation.Of(default(Identity)), Loss.CrossEntropy, seed: 1);
        using var stream = new MemoryStream();
        new Network(network.Layers, network.Loss, network.Metadata, new InputBounds([-1f, -1f, -1f], [1f, 1f, 1f])).Save(stream, format);
        return stream.ToArray();
    }

    private static StreamingTrainer NewTrainer() => new(
        Start,
        new StreamingOptions { TotalSteps = 10, MaxBatch = TrainerBatch, Threads = 1 },
        new MatrixRows(TrainingRows()));

    private static Matrix TrainingRows()
    {
        var rows = new Matrix(TrainerBatch, Features);
        for (int i = 0; i < TrainerBatch * Features; i++)
            rows.View[i / Features, i % Features] = i * i % 7;
        return rows;
    }

    private static byte[] State()
    {
        using StreamingTrainer trainer = NewTrainer();
        trainer.StepOnRows([0, 1, 2, 3], [0, 1, 0, 1]);
        using var stream = new MemoryStream();
        trainer.SaveState(stream);
        return stream.ToArray();
    }

    // Without the checksum that keeps damage from the reader.
    private static byte[] Checkpoints(int epochs)
    {
        var start = new Snapshot(Trained.ToNetwork(), 0, default);
        Snapshot last = epochs == 0 ? start : start with { Epochs = epochs, Report = new EpochReport(epochs, 1, 2, 3, new Score(0.5, null, null, 1, 4), null, new Score(1, null, null, 2, 4)) };
        var at = new RunPosition { Last = last, Before = start, Best = start, BestBefore = start, Epoch = epochs + 1 };
        using var stream = new MemoryStream();
        Checkpoint.Write(stream, new Checkpoint.Head(new RunIdentity([new("--seed", "1"), new("--lr", "")], "rows", "00", "00", "0.1.0"), IsOver: false, Simd: 256), at, seconds: 1, Trained);
        return stream.ToArray();
    }

    private static void ReadCheckpoint(ScratchFile file)
    {
        using var stream = new MemoryStream(file.Bytes);
        Checkpoint.Head head = Checkpoint.ReadHead(stream);
        var frame = new RunFrame(new Snapshot(Start, 0, default), Epochs: 3, Batches: 5, IsClassification: true, HasValidation: false, HasTest: true, KeepsBest: false);
        Checkpoint.ReadRest(stream, head, new RunPosition(), frame, () => Trained);
    }

    private static void LoadState(ScratchFile file) => Trained.LoadState(new MemoryStream(file.Bytes));

    private static byte[][] Packed(byte[][] contents) => [.. contents, .. contents.Select(Gzip)];

    private static byte[] Gzip(byte[] content)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
            gzip.Write(content);
        return target.ToArray();
    }

    private static byte[] Archive(byte[] content) =>
        NpyBytes.Zip(content.Length % 2 == 0 ? CompressionLevel.Fastest : CompressionLevel.NoCompression, ("x.npy", content), ("y.npy", Arrays[4]));
}
