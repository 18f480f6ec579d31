using System.Text;
using Lpom.Data;
using Lpom.Simd.Model;

namespace Lpom.Fuzz;

/// <summary>What must hold of whatever a reader gives.</summary>
internal static class Outcome
{
    private const int LargestModel = 100;

    public static void Require(bool holds, string what)
    {
        if (!holds)
            throw new InvalidOperationException($"It does not hold that {what}.");
    }

    public static void RequireFinite(ReadOnlySpan<float> values, string what)
    {
        foreach (float value in values)
        {
            if (!float.IsFinite(value))
                throw new InvalidOperationException($"A value of the {what} is {value}.");
        }
    }

    public static void Check(Network network)
    {
        foreach (Layer layer in network.Layers)
        {
            for (int row = 0; row < layer.Weights.Rows; row++)
                RequireFinite(layer.Weights.Row(row), "weights");
            RequireFinite(layer.Bias, "biases");
        }
    }

    public static void Check(Dataset data)
    {
        Require(data.Train.Rows > 0 && data.Train.Rows + data.Test.Rows == data.All.Rows, "the parts are the whole");
        Require(data.Outputs > 0 && (data.Targets == TargetKind.Numbers || data.Classes > 1), "there is something to learn");
        CheckInputs(data.WithPreprocessing(Preprocessing.Identity).All);
        CheckInputs(data.Train);
        for (int row = 0; row < data.All.Rows; row++)
        {
            if (data.Targets == TargetKind.Numbers)
                RequireFinite(data.All.Numbers(row), "numbers to learn");
            else
                Require(data.All.Label(row) >= 0 && data.All.Label(row) < data.Classes, "labels are in their range");
        }
    }

    /// <summary>A model of the data finds its columns in the same file, and makes the same rows of them.</summary>
    public static void CheckAgain(Dataset data, string path)
    {
        if (data.Columns is null || data.Features > LargestModel)
            return;
        TableSchema columns = TableSchema.Of(Seeds.Network("relu", data.Features, 2).WithMetadata([data.Columns.Metadata]))!;
        Require(columns.Metadata.Value == data.Columns.Metadata.Value, "columns are what was stored");
        var request = new DataRequest { Columns = columns, Kind = data.Targets, ClassNames = data.Targets == TargetKind.Classes ? data.ClassNames : null };
        Dataset again = CsvReader.Read(path, request).WithPreprocessing(data.Preprocessing);
        Require(again.All.Rows == data.All.Rows, "a model reads as many rows");
        float[] expected = new float[data.Features], found = new float[data.Features];
        for (int row = 0; row < data.All.Rows; row++)
        {
            data.All.CopyInputs(row, 1, expected, data.Features);
            again.All.CopyInputs(row, 1, found, data.Features);
            Require(expected.AsSpan().SequenceEqual(found), "a model reads the same rows");
        }
    }

    private static void CheckInputs(DataView rows)
    {
        float[] row = new float[rows.Features];
        for (int i = 0; i < rows.Rows; i++)
        {
            rows.CopyInputs(i, 1, row, row.Length);
            RequireFinite(row, "inputs");
        }
    }

    /// <summary>Columns are stored as they were read, and rows can be looked for in any table.</summary>
    public static void Check(TableSchema columns)
    {
        Network network = Seeds.Network("relu", columns.Features, 2);
        Require(TableSchema.Of(network.WithMetadata([columns.Metadata]))!.Metadata.Value == columns.Metadata.Value, "columns are what was stored");
        foreach (byte[] table in Seeds.TablesOfModel)
        {
            try
            {
                ReadRows(table, columns);
            }
            catch (DataFormatException)
            {
                // They are not those of the table.
            }
        }
    }

    /// <summary>Reads rows as predictions do.</summary>
    public static void ReadRows(byte[] table, TableSchema columns)
    {
        using var reader = new CsvRowReader(new MemoryStream(table), "input");
        if (!reader.Read())
            return;
        TableRowEncoder encoder = TableRowEncoder.Create(reader, columns);
        float[] row = new float[columns.Features];
        for (bool more = !encoder.HasHeader || reader.Read(); more; more = reader.Read())
        {
            encoder.Encode(row);
            RequireFinite(row, "inputs");
        }
    }

    public static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
