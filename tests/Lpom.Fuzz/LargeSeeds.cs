using System.Globalization;
using System.IO.Compression;
using System.Text;
using Lpom.Data.Tests.Support;
using Lpom.Simd.Model;

namespace Lpom.Fuzz;

/// <summary>Files of a megabyte or two, of which a reader that takes memory by the wrong measure takes much.</summary>
internal static class LargeSeeds
{
    private const int Megabyte = 1 << 20, Side = 32;

    // Deflate could make as much of the noise, but does not.
    private const uint Declared = 300_000;

    public static IReadOnlyList<LargeSeed> Tables { get; } =
    [
        // Rows of numbers; few and many different ones in each column; a few long rows, of numbers and of texts.
        new(() => Table(20_000, 20, (row, column) => $"{row * column % 1000}")),
        new(() => Table(900, 300, (row, column) => $"{(row + column) % 900}")),
        new(() => Table(294, 300, (row, column) => $"{(row + column) % 294}")),
        new(() => Table(2, 200_000, (row, column) => $"{(row + column) % 10}")),
        new(() => Table(2, 100_000, (row, column) => column is 0 or 99_999 ? $"{row}" : row == 0 ? "a" : "b")),
        // As many columns as there may be, of numbers, of texts, of both, and with names; as many classes.
        new(() => Table(33, 20_000, (row, column) => $"{(row + column) % 10}")),
        new(() => Table(33, 20_000, (row, column) => column == 19_999 ? $"{row % 2}" : $"{(char)('a' + ((row + column) % 3))}")),
        new(() => Table(33, 20_000, (row, column) => column == 19_999 ? $"{row % 2}" : column % 2 == 0 ? $"{row % 10}" : $"{(char)('a' + ((row + column) % 26))}")),
        new(() => Table(30, 20_000, (row, column) => row == 0 ? $"c{column}" : $"{(row + column) % 10}")),
        new(() => Table(33, 1_000, (row, column) => column == 999 ? $"{row % 2}" : row == 0 ? "?" : $"{(char)('a' + (row % 4))}")),
        new(() => Table(33, 20_000, (row, column) => row == 0 ? "a" : column == 19_999 ? $"{row % 2}" : "a")),
        new(() => Table(35, 10_000, (row, column) => row == 0 ? "a" : column == 9_999 ? $"{row % 2}" : column % 2 == 0 || row < 14 ? "1" : "a")),
        new(() => Table(1, 170_888, (row, column) => $"{column % 10}")),
        new(() => Encoding.UTF8.GetBytes($"h,y\n1,{new string('b', 800_000)}\nh,y")),
        new(() => Encoding.UTF8.GetBytes($"h,y\n{new string('b', 2 * Megabyte)},0\nc,1\n")),
        new(() => Encoding.UTF8.GetBytes($"h,y\n1,{new string('b', 2 * Megabyte)}\n2,c\n3,c\n4,c\n")),
        new(() => Table(140_000, 2, (row, column) => column == 0 ? "0" : $"{row % 23_000}")),
        new(() => Table(140_000, 2, (row, column) => column == 0 ? "0" : $"x{row % 20_000}")),
        // Short texts that are all different; a class for each two rows; categories; numbers that are learnt; a digit a row.
        new(() => Texts(18)),
        new(() => Texts(72)),
        new(() => Texts(294)),
        new(() => Texts(1_000)),
        new(() => Table(100_000, 2, (row, column) => column == 0 ? $"{row}" : $"class {row / 2}")),
        new(() => Table(300_000, 2, (row, column) => column == 0 ? $"{(char)('a' + (row % 13))}{row % 7}" : $"{row % 2}")),
        new(() => Table(72_708, 2, (row, column) => column == 0 ? $"{row % 10}" : $"{row / 2}")),
        new(() => Table(300_000, 2, (row, column) => column == 0 ? $"{row % 10}" : $"{(row / 2) + 2}")),
        new(() => Table(500_000, 2, (row, column) => column == 0 ? $"{row % 10}" : $"{row % 3}")),
    ];

    public static IReadOnlyList<LargeSeed> PackedTables { get; } =
        [new(() => Seeds.Gzip(Table(20_000, 20, (row, column) => $"{row * column % 1000}")), 1_500_000)];

    public static IReadOnlyList<LargeSeed> Images { get; } = [new(() => Seeds.Idx(3, [2048, Side, Side], Noise(2048 * Side * Side)))];

    public static IReadOnlyList<LargeSeed> PackedImages { get; } =
    [
        new(() => Seeds.Gzip(Seeds.Idx(3, [2048, Side, Side], Noise(2048 * Side * Side)))),
        new(() => Seeds.Gzip(Seeds.Idx(3, [Declared, Side, Side], Noise(Megabyte)))),
        new(() => Seeds.Gzip(Seeds.Idx(3, [8192, Side, Side], new byte[8192 * Side * Side])), 8192 * Side * Side),
    ];

    public static IReadOnlyList<LargeSeed> Labels { get; } = [new(() => Seeds.Idx(1, [Megabyte], Noise(Megabyte)))];

    public static IReadOnlyList<LargeSeed> Arrays { get; } =
    [
        new(() => Array("|u1", Megabyte / 2, 3)),
        new(() => Array("<f2", Megabyte / 4, 3)),
        new(() => Array("<f8", Megabyte / 16, 3)),
        new(() => Seeds.Gzip(Array("|u1", Megabyte / 2, 3))),
        new(() => Seeds.Gzip(Array("|u1", Megabyte / 2, 3))[..(Megabyte / 3)]),
        new(() => Seeds.Gzip([.. NpyBytes.Header(NpyBytes.Text("|u1", [100 * Megabyte, 3])), .. Noise(Megabyte)])),
    ];

    public static IReadOnlyList<LargeSeed> Archives { get; } =
    [
        new(() => Archive(CompressionLevel.NoCompression, Array("|u1", Megabyte, 1), Classes(Megabyte))),
        new(() => Archive(CompressionLevel.Fastest, Array("<f2", Megabyte / 4, 4), Classes(Megabyte / 4)), 3 * Megabyte),
        new(() => Archive(CompressionLevel.Fastest, [.. NpyBytes.Header(NpyBytes.Text("|u1", [100 * Megabyte, 1])), .. Noise(Megabyte)], Classes(Megabyte)), 3 * Megabyte),
        new(() => NpyBytes.Zip(CompressionLevel.NoCompression, [.. Enumerable.Range(0, 10_000).Select(i => ($"{i}.npy", System.Array.Empty<byte>()))])),
    ];

    public static IReadOnlyList<LargeSeed> Raw { get; } = [new(() => Noise(3 * Megabyte))];

    public static IReadOnlyList<LargeSeed> Models(ModelFormat format) =>
    [
        new(() => Model(format, 784, 300, 10)),
        new(() => Model(format, [Seeds.Features, .. Enumerable.Repeat(1, format == ModelFormat.Onnx ? 1200 : 5000)])),
    ];

    private static byte[] Texts(int rows) =>
        Table(rows, 300, (row, column) => column > 297 ? $"{row % 2}" : $"{(char)('A' + (row / 40))}{(char)('A' + (row % 40))}");

    private static byte[] Table(int rows, int columns, Func<int, int, string> cell)
    {
        var text = new StringBuilder();
        for (int row = 0; row < rows; row++)
            text.AppendJoin(',', Enumerable.Range(0, columns).Select(column => cell(row, column))).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    // Small numbers, also as halves and doubles: what is not finite is refused before the end.
    private static byte[] Array(string type, int rows, int columns)
    {
        int size = int.Parse(type.AsSpan(2), CultureInfo.InvariantCulture);
        byte[] values = Noise(rows * columns * size);
        for (int i = 0; i < values.Length; i++)
            values[i] = (byte)(values[i] & (i % columns == columns - 1 ? 0x1 : 0x3F));
        return [.. NpyBytes.Header(NpyBytes.Text(type, [rows, columns])), .. values];
    }

    private static byte[] Classes(int rows)
    {
        byte[] values = Noise(rows);
        for (int i = 0; i < rows; i++)
            values[i] &= 1;
        return [.. NpyBytes.Header(NpyBytes.Text("|u1", [rows])), .. values];
    }

    private static byte[] Archive(CompressionLevel level, byte[] inputs, byte[] classes) => NpyBytes.Zip(level, ("x.npy", inputs), ("y.npy", classes));

    private static byte[] Model(ModelFormat format, params int[] widths)
    {
        using var stream = new MemoryStream();
        Seeds.Network("relu", widths).Save(stream, format);
        return stream.ToArray();
    }

    private static byte[] Noise(int count)
    {
        byte[] bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
