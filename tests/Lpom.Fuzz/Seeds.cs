using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Lpom.Data.Tests.Support;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;

namespace Lpom.Fuzz;

/// <summary>Files that readers take, of every variety.</summary>
internal static class Seeds
{
    /// <summary>Values of a row.</summary>
    public const int Features = 3;

    /// <summary>A model's columns; three inputs, as the networks here have.</summary>
    public const string Columns = """[{"name":"area","fill":60.5},{"name":"city","categories":["Bern","Ulm"]},{"name":"id","ignored":true},{"name":"kind","target":true}]""";

    public static readonly byte[][] Tables = [.. TableTexts().Select(Encoding.UTF8.GetBytes)];

    /// <summary>Rows for a model of <see cref="Columns"/>.</summary>
    public static readonly byte[][] TablesOfModel = [.. new[]
    {
        "id,area,city,kind\nf1,50,Bern,flat\nf2,,Ulm,house\nf3,70.5,?,flat\n",
        "kind;city;area;more\nflat;Ulm;NA;1\nhouse;\"Bern\";1e3;2\n",
        "50,Bern,f1,flat\n-1,Ulm,f2,house\n",
        "50\tBern\tf1\r\n60\tUlm\t\r\n",
    }.Select(Encoding.UTF8.GetBytes)];

    public static readonly byte[][] ColumnTexts = [.. new[]
    {
        Columns,
        """[{"name":"a","fill":1e-3},{"name":"b","fill":-2},{"name":"c","fill":0},{"name":"y","target":true}]""",
        """[{"name":"\"ä\"","categories":["","a,b","7"]},{"name":"y","target":true}]""",
    }.Select(Encoding.UTF8.GetBytes)];

    public static readonly byte[][] Arrays =
    [
        NpyBytes.Of("<f4", [4, 3], 1f, 2f, 0f, 3f, 4f, 1f, 5f, 6f, 0f, 7f, 8f, 1f),
        NpyBytes.Of("<f8", [2, 3], 1d, 2d, 0d, 3d, 4d, 1d),
        NpyBytes.Of<byte>("|u1", [2, 3], 1, 2, 0, 3, 4, 1),
        NpyBytes.Of(">i2", [2, 3], (short)256, (short)512, (short)0, (short)256, (short)512, (short)256),
        NpyBytes.Of<long>("<i8", [4], 0, 1, 0, 1),
        [.. NpyBytes.Header(NpyBytes.Text("|u1", [2, 3], isFortranOrder: true)), 1, 2, 3, 4, 0, 1],
    ];

    public static readonly byte[][] Archives =
    [
        NpyBytes.Zip(CompressionLevel.NoCompression, ("x.npy", Arrays[0]), ("y.npy", Arrays[4])),
        NpyBytes.Zip(CompressionLevel.Fastest, ("x_train.npy", Arrays[0]), ("y_train.npy", Arrays[4]), ("x_test.npy", Arrays[0]), ("y_test.npy", Arrays[4])),
    ];

    public static readonly byte[][] Images = [Idx(3, [2, 1, Features], 1, 2, 3, 4, 5, 6), Idx(3, [1, 3, 1], 9, 0, 255)];

    public static readonly byte[][] Labels = [Idx(1, [5], 3, 1, 4, 1, 5)];

    /// <summary>Models with all that their metadata may say, and without.</summary>
    public static byte[][] Models(ModelFormat format) =>
    [
        Model("relu", format),
        Model("softplus", format, new("columns", Columns), new("classes", """["flat","house"]"""), new("data", "flats")),
        Model("clip01", format, new("task", "regress"), new("target", "price")),
    ];

    public static byte[] Idx(byte dimensions, uint[] sizes, params byte[] values)
    {
        byte[] header = new byte[4 * (1 + sizes.Length)];
        (header[2], header[3]) = (8, dimensions);
        for (int i = 0; i < sizes.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4 * (i + 1)), sizes[i]);
        return [.. header, .. values];
    }

    public static byte[] Gzip(byte[] content)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
            gzip.Write(content);
        return target.ToArray();
    }

    /// <summary>An archive with these inputs, and classes of four rows.</summary>
    public static byte[] Archive(byte[] inputs) =>
        NpyBytes.Zip(inputs.Length % 2 == 0 ? CompressionLevel.Fastest : CompressionLevel.NoCompression, ("x.npy", inputs), ("y.npy", Arrays[4]));

    /// <summary>A network of an activation.</summary>
    public static Network Network(string activation, params int[] widths)
    {
        _ = Activation.TryGet(activation, out Activation? hidden);
        return NetworkInit.Glorot(widths, hidden!, Activation.Of(default(Identity)), Loss.CrossEntropy, seed: 1);
    }

    private static IEnumerable<string> TableTexts()
    {
        yield return "a,b,class\n1,2,x\n3,4.5,y\n-1e3,0,x\n2,2,y\n";
        yield return "1;2;0\n3;4;1\n5;6;0\n";
        yield return "\"a\"\t\"b \"\"c\"\"\"\tlabel\r\n0.5\t1\tA\r\n1.5\t2\tB\r\n";
        yield return "1 2 0\n3 4 1\n";
        yield return "7,8,9\n1,2,3";
        yield return "id,area,city,price,kind\nf1,50,Bern,100.5,flat\nf2,,Bern,200,house\nf3,70,?,300,flat\nf4,NA,Ulm,400,house\n";
        yield return "x,x,,code,class\n1,2,3,a,0\n-0,0,N/A,-0,1\n4,5,6,7.0,0\n4,5,6,b,1\n";
        // More than ten different values: a number, not a class.
        yield return "city;price\n" + string.Concat(Enumerable.Range(0, 12).Select(i => FormattableString.Invariant($"{"ab"[i % 2]};{i * 0.75}\n")));
    }

    private static byte[] Model(string activation, ModelFormat format, params KeyValuePair<string, string>[] metadata)
    {
        Network network = Network(activation, Features, 2, 2);
        using var stream = new MemoryStream();
        new Network(network.Layers, network.Loss, metadata, new InputBounds([-1f, -1f, -1f], [1f, 1f, 1f])).Save(stream, format);
        return stream.ToArray();
    }
}
