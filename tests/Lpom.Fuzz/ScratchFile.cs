namespace Lpom.Fuzz;

/// <summary>A file in memory, where the system has such a file system, that is written over for every execution.</summary>
internal sealed class ScratchFile : IDisposable
{
    private const string MemoryFolder = "/dev/shm";

    private readonly FileStream _file;

    /// <param name="folder">Where it is to be; empty for the system's place.</param>
    /// <param name="name">Without the folder.</param>
    public ScratchFile(string folder, string name)
    {
        string place = folder.Length > 0 ? folder : Directory.Exists(MemoryFolder) ? MemoryFolder : Path.GetTempPath();
        FullName = Path.Combine(place, $"{name}-{Environment.ProcessId}");
        _file = new FileStream(FullName, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
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
        File.Delete(FullName);
    }
}
