using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Lpom.Data;

/// <summary>A data set that is told from others of the same file names by its labels.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="TrainLabels">SHA-256 of the uncompressed file of training labels, hexadecimal.</param>
/// <param name="TestLabels">The same of the test labels.</param>
/// <param name="ClassNames">By label.</param>
internal sealed record KnownIdxSet(string Name, string TrainLabels, string TestLabels, string[] ClassNames)
{
    public static KnownIdxSet Mnist { get; } = new(
        "mnist",
        "65A50CBBF4E906D70832878AD85CCDA5333A97F0F4C3DD2EF09A8A9EEF7101C5",
        "FF7BCFD416DE33731A308C3F266CC351222C34898ECBEAF847F06E48F7EC33F2",
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);

    public static KnownIdxSet FashionMnist { get; } = new(
        "fashion-mnist",
        "BAD3541B69D912435C50BB6BA87BEC294FF4F6A2E1246121D8633921760443D9",
        "0402A96D92FD2663957122CEB108A494C5AF83DAB82D92729DF917D7DEC38C34",
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]);

    /// <summary>Every known set.</summary>
    public static IReadOnlyList<KnownIdxSet> All { get; } = [Mnist, FashionMnist];

    /// <summary>The set of <paramref name="known"/> whose training or test labels these are; null for no known one.</summary>
    public static KnownIdxSet? OfLabels(ReadOnlySpan<byte> labels, IReadOnlyList<KnownIdxSet> known)
    {
        string digest = Digest(labels);
        foreach (KnownIdxSet set in known)
        {
            if (digest == set.TrainLabels || digest == set.TestLabels)
                return set;
        }

        return null;
    }

    /// <summary>SHA-256 of the IDX file of these labels, header included.</summary>
    public static string Digest(ReadOnlySpan<byte> labels)
    {
        Span<byte> header = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(header, IdxFile.LabelsMagic);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], labels.Length);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header);
        hash.AppendData(labels);
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
