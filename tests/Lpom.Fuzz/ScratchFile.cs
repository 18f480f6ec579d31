namespace Lpom.Fuzz;

/// <summary>A file in memory, where the system has such a file system, that is written over for every execution.</summary>
internal sealed class ScratchFile : IDisposable
{
    private const string MemoryFolder = "/dev/shm";

    private readonly string _folder = Path.Combine(Directory.Exists(MemoryFolder) ? MemoryFolder : Path.GetTempPath(), $"lpom-fuzz-{Path.GetRandomFileName()}");
    private readonly FileStream _file;

    public ScratchFile(string extension)
    {
        Directory.CreateDirectory(_folder);
        FullName = Path.Combine(_folder, $"input{extension}");
        _file = new FileStream(FullName, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    }

    public string FullName { get; }

    /// <summary>The same bytes, for readers of streams.</summary>
    public byte[] Bytes { get; private set; } = [];

    public void Write(byte[] bytes)
    {
        Bytes = bytes;
        _file.Position = 0;
        _file.Write(bytes);
        _file.SetLength(bytes.Length);
    }

    public void Dispose()
    {
        _file.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
