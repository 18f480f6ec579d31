using System.IO.Compression;
using Lpom.Cli.Terminal;

namespace Lpom.Cli.Samples;

/// <summary>How samples are written.</summary>
internal enum SampleFormat
{
    Csv,
    Npy,
    Npz,
    Idx,
    Png,
    Raw,
}

/// <summary>Tells a format by how its files start. Raw bytes look like anything: they are never guessed.</summary>
internal static class SampleFormats
{
    // Text starts with none of these.
    private static readonly (byte[] Start, SampleFormat Format)[] Known =
    [
        ([0x93, .. "NUMPY"u8], SampleFormat.Npy),
        ([(byte)'P', (byte)'K', 3, 4], SampleFormat.Npz),
        ([(byte)'P', (byte)'K', 5, 6], SampleFormat.Npz),
        ([0, 0], SampleFormat.Idx),
        ([0x89, .. "PNG"u8], SampleFormat.Png),
    ];

    private static readonly int LongestStart = Known.Max(known => known.Start.Length);

    /// <summary>The format of what comes; waits for no more bytes than are needed to tell.</summary>
    public static SampleFormat Of(LiveInput input)
    {
        for (int count = 1; count <= LongestStart; count++)
        {
            ReadOnlySpan<byte> start = input.Peek(count);
            if (start.Length < count || !MayBecomeKnown(start))
                return Of(start);
        }

        return SampleFormat.Csv;
    }

    /// <summary>The format of a file, plain or .gz: by its name where that says it, else by its content.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SampleFormat Of(string path)
    {
        string name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".npy" => SampleFormat.Npy,
            ".npz" => SampleFormat.Npz,
            ".png" => SampleFormat.Png,
            _ => Of(StartOf(path)),
        };
    }

    private static SampleFormat Of(ReadOnlySpan<byte> start)
    {
        foreach ((byte[] known, SampleFormat format) in Known)
        {
            if (start.StartsWith(known))
                return format;
        }

        return SampleFormat.Csv;
    }

    private static bool MayBecomeKnown(ReadOnlySpan<byte> start)
    {
        foreach ((byte[] known, _) in Known)
        {
            if (start.Length < known.Length && known.AsSpan().StartsWith(start))
                return true;
        }

        return false;
    }

    private static byte[] StartOf(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        byte[] start = new byte[LongestStart];
        int read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (read >= 2 && start is [0x1F, 0x8B, ..])
        {
            file.Position = 0;
            using var content = new GZipStream(file, CompressionMode.Decompress);
            try
            {
                read = content.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            }
            catch (InvalidDataException)
            {
                // Whoever reads it says what is wrong.
                return [];
            }
        }

        return start[..read];
    }
}
