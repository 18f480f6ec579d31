using System.IO.Compression;
using System.Text;

namespace Lpom.Data.Tests.Support;

/// <summary>A folder that lives as long as a test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("lpom-data-").FullName;

    public string Write(string name, ReadOnlySpan<byte> content)
    {
        string path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string Write(string name, string content) =>
        Write(name, name.EndsWith(".gz", StringComparison.Ordinal) ? Gzip(Encoding.UTF8.GetBytes(content)) : Encoding.UTF8.GetBytes(content));

    public static byte[] Gzip(ReadOnlySpan<byte> content)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(content);
        return target.ToArray();
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
