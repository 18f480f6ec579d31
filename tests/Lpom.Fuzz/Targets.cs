using System.Text;
using Lpom.Cli;
using Lpom.Data;
using Lpom.Data.Tests.Support;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;
using Lpom.Simd.Tests.Training;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Fuzz;

/// <summary>Every reader of files from outside.</summary>
internal static class Targets
{
    private const int TrainerBatch = 4;

    private static readonly Action Nothing = () => { };

    private static readonly Type[] OfData = [typeof(DataFormatException)], OfModels = [typeof(ModelFormatException), typeof(BadInputException)];

    private static readonly byte[][] Pictures =
    [
        PngBytes.Grey(2, 2, 7),
        PngBytes.Image(PngBytes.Header(5, 3, depth: 2, colour: 3, interlace: 1), new byte[16], ("PLTE", [1, 2, 3, 4, 5, 6]), ("tRNS", [255])),
        PngBytes.Image(PngBytes.Header(2, 5, depth: 16, colour: 6), [.. Enumerable.Range(0, 5).SelectMany(row => (byte[])[(byte)row, .. Enumerable.Repeat((byte)(row == 0 ? 255 : 0), 16)])]),
    ];

    private static readonly TableSchema ModelColumns = ColumnsOf(Seeds.Columns);

    // Reads into memory that is there already.
    private static readonly StreamingTrainer Trained = NewTrainer();

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("csv", Seeds.Tables, file => ReadTable(file, new DataRequest()), OfData) { IsText = true, FixedBytes = 1 << 20, Large = LargeSeeds.Tables },
        new("csv-number", Seeds.Tables, file => ReadTable(file, new DataRequest { Target = "2", Kind = TargetKind.Numbers }), OfData) { IsText = true, FixedBytes = 1 << 20, Large = LargeSeeds.Tables },
        new("csv-of-model", Seeds.TablesOfModel, file => Check(CsvReader.Read(file.FullName, new DataRequest { Columns = ModelColumns, ClassNames = ["flat", "house"] })), OfData) { IsText = true, FixedBytes = 1 << 20 },
        new("csv-gz", Packed(Seeds.Tables), file => ReadTable(file, new DataRequest()), OfData) { Contents = Seeds.Tables, Container = Seeds.Gzip, IsText = true, FixedBytes = 1 << 20, Large = LargeSeeds.PackedTables },
        new("csv-rows", Seeds.Tables, ReadRows, OfData) { IsText = true, FixedBytes = 1 << 20, Large = LargeSeeds.Tables },
        new("csv-rows-of-model", Seeds.TablesOfModel, ReadRowsOfModel, OfData) { IsText = true, FixedBytes = 1 << 20 },
        new("columns", Seeds.ColumnTexts, ReadColumns, OfModels) { IsText = true },
        new("idx", Seeds.Images, ReadImages, OfData) { Large = LargeSeeds.Images },
        new("idx-gz", Packed(Seeds.Images), ReadImages, OfData) { Contents = Seeds.Images, Container = Seeds.Gzip, Large = LargeSeeds.PackedImages },
        new("idx-labels", Seeds.Labels, ReadLabels, OfData) { Large = LargeSeeds.Labels },
        new("idx-rows", Seeds.Images, file => ReadRows(BinaryRowReader.OpenIdx(file.FullName, Seeds.Features)), OfData) { Large = LargeSeeds.Images },
        new("npy", Seeds.Arrays, file => Check(NpyReader.ReadTable(file.FullName)), OfData) { IsText = true, Large = LargeSeeds.Arrays },
        new("npy-rows", Seeds.Arrays, file => ReadRows(BinaryRowReader.OpenNpy(file.FullName, Seeds.Features)), OfData) { IsText = true, Large = LargeSeeds.Arrays },
        new("npy-pipe", Seeds.Arrays, file => ReadRows(BinaryRowReader.ReadNpy(new MemoryStream(file.Bytes), "input", Seeds.Features)), OfData) { IsText = true, Large = LargeSeeds.Arrays },
        new("npz", Seeds.Archives, file => Check(NpyReader.ReadArchive(file.FullName)), OfData) { Contents = Seeds.Arrays, Container = Seeds.Archive, FixedBytes = 1 << 20, Large = LargeSeeds.Archives },
        new("npz-rows", Seeds.Archives, file => ReadRows(BinaryRowReader.OpenNpz(file.FullName, Seeds.Features)), OfData) { Contents = Seeds.Arrays, Container = Seeds.Archive, FixedBytes = 1 << 20, Large = LargeSeeds.Archives },
        new("cifar", [CifarFolder.Batch(1)], CifarFolder.ReadBatch, OfData) { FixedBytes = 1 << 20, Large = [new(() => CifarFolder.Batch(1000))] },
        new("cifar-names", [Encoding.UTF8.GetBytes("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n")], CifarFolder.ReadNames, OfData) { FixedBytes = 1 << 20, IsText = true },
        ConfigTarget.Target,
        new("png", Pictures, file => Ignore(PngReader.Read(file.FullName)), OfData) { Contents = Pictures, Container = PngBytes.WithChecksums, FixedBytes = 1 << 20 },
        new("raw-rows", [[1, 2, 3, 4, 5, 6]], file => ReadRows(BinaryRowReader.OpenRaw(file.FullName, Seeds.Features)), OfData) { Large = LargeSeeds.Raw },
        new("safetensors", Seeds.Models(ModelFormat.Safetensors), Load, OfModels) { IsText = true, Large = LargeSeeds.Models(ModelFormat.Safetensors) },
        new("onnx", Seeds.Models(ModelFormat.Onnx), Load, OfModels) { Large = LargeSeeds.Models(ModelFormat.Onnx) },
        .. CheckpointTargets.All,
        new("trainer-state", [State()], LoadState, typeof(InvalidDataException), typeof(EndOfStreamException)),
    ];

    private static Action ReadTable(ScratchFile file, DataRequest request)
    {
        Dataset data = CsvReader.Read(file.FullName, request);
        return () =>
        {
            Outcome.Check(data);
            Outcome.CheckAgain(data, file.FullName);
        };
    }

    private static Action Ignore(PngImage image) => () => Outcome.Require(image.Pixels.Length > 0, "an image without pixels");

    private static Action Check(Dataset data) => () => Outcome.Check(data);

    private static Action ReadRows(ScratchFile file)
    {
        using var rows = new CsvRowReader(new MemoryStream(file.Bytes), "input");
        while (rows.Read())
        {
        }

        return Nothing;
    }

    private static Action ReadRowsOfModel(ScratchFile file)
    {
        Outcome.ReadRows(file.Bytes, ModelColumns);
        return Nothing;
    }

    private static Action ReadRows(BinaryRowReader reader)
    {
        using (reader)
        {
            float[] row = new float[Seeds.Features];
            while (reader.Read(row))
                Outcome.RequireFinite(row, "values");
        }

        return Nothing;
    }

    private static Action ReadColumns(ScratchFile file)
    {
        TableSchema columns = ColumnsOf(Outcome.Text(file.Bytes));
        return () => Outcome.Check(columns);
    }

    private static TableSchema ColumnsOf(string text) =>
        TableSchema.Of(Seeds.Network("relu", Seeds.Features, 2).WithMetadata([new("columns", text)]))!;

    private static Action ReadImages(ScratchFile file)
    {
        IdxImages images = IdxReader.ReadImages(file.FullName);
        return () => Outcome.Require(images.Count > 0 && images.Pixels.Length == (long)images.Count * images.Height * images.Width, "the pixels are those of the images");
    }

    private static Action ReadLabels(ScratchFile file)
    {
        byte[] labels = IdxReader.ReadLabels(file.FullName);
        return () => Outcome.Require(labels.AsSpan().SequenceEqual(file.Bytes.AsSpan(8)), "the labels are those of the file");
    }

    private static Action Load(ScratchFile file)
    {
        using var stream = new MemoryStream(file.Bytes);
        Network network = Network.Load(stream, "input");
        _ = ModelRecord.Read(network, "input");
        return () => Outcome.Check(network);
    }

    private static StreamingTrainer NewTrainer() => new(
        Seeds.Network("relu", Seeds.Features, 2, 2),
        new StreamingOptions { TotalSteps = 10, MaxBatch = TrainerBatch, Threads = 1 },
        new MatrixRows(TrainingRows()));

    private static Matrix TrainingRows()
    {
        var rows = new Matrix(TrainerBatch, Seeds.Features);
        for (int i = 0; i < TrainerBatch * Seeds.Features; i++)
            rows.View[i / Seeds.Features, i % Seeds.Features] = i * i % 7;
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

    private static Action LoadState(ScratchFile file)
    {
        Trained.LoadState(new MemoryStream(file.Bytes));
        return () => Trained.StepOnRows([0, 1, 2, 3], [0, 1, 0, 1]);
    }

    private static byte[][] Packed(byte[][] contents) => [.. contents.Select(Seeds.Gzip)];
}
