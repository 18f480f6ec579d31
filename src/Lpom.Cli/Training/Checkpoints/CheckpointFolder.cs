using System.IO.Hashing;
using Lpom.Simd.Model;

namespace Lpom.Cli.Training.Checkpoints;

/// <summary>
/// A folder with the newest checkpoint of a run and the one before it. A checkpoint is written beside them, flushed to disk and renamed:
/// whenever the process ends, one is whole.
/// </summary>
internal sealed class CheckpointFolder : IDisposable
{
    private const string Newest = "checkpoint.lpom", Next = "checkpoint.next.lpom", Previous = "checkpoint.previous.lpom", LockName = "lock";

    private const int ChecksumBytes = 16;

    private readonly string _path;
    private readonly FileStream _lock;

    private CheckpointFolder(string name, string path, FileStream heldLock) => (Name, _path, _lock) = (name, path, heldLock);

    /// <summary>As the user named it.</summary>
    public string Name { get; }

    /// <summary>Makes the folder where there is none, and keeps others out of it.</summary>
    /// <exception cref="BadInputException">It cannot be made or written, or another run uses it.</exception>
    public static CheckpointFolder Open(string name)
    {
        if (File.Exists(name))
            throw new BadInputException($"--checkpoint: {name} is a file; give a folder");
        string path = Path.GetFullPath(name);
        try
        {
            Directory.CreateDirectory(path);
            var heldLock = new FileStream(Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
            RemoveLeftovers(path);
            return new CheckpointFolder(name, path, heldLock);
        }
        catch (IOException e) when (Directory.Exists(path) && File.Exists(Path.Combine(path, LockName)))
        {
            throw new BadInputException($"--checkpoint: {name} is in use by another run: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--checkpoint: {name}: no checkpoint can be written there: {e.Message}", e);
        }
    }

    /// <summary>Writes a checkpoint; the one before is kept as the previous one.</summary>
    /// <exception cref="IOException">It cannot be written; what was there stays.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public void Write(Action<Stream> contents)
    {
        // Somebody may have removed it.
        Directory.CreateDirectory(_path);
        AtomicFile.Write(FileOf(Next), file =>
        {
            var hashing = new HashingStream(file);
            contents(hashing);
            file.Write(hashing.Checksum);
        });
        if (File.Exists(FileOf(Newest)))
            File.Move(FileOf(Newest), FileOf(Previous), overwrite: true);
        File.Move(FileOf(Next), FileOf(Newest), overwrite: true);
    }

    /// <summary>The newest checkpoint that is whole, at its first byte; its checksum follows the contents; null when there is none at all.</summary>
    /// <param name="damaged">Told of one that is not whole.</param>
    /// <exception cref="BadInputException">All that are there are damaged, or cannot be read.</exception>
    public FileStream? OpenNewest(Action<string> damaged)
    {
        string? problem = null;
        // Next is there when a process ended between the two renames.
        foreach (string file in (string[])[Newest, Next, Previous])
        {
            if (!File.Exists(FileOf(file)))
                continue;
            if (TryOpen(file, out problem) is { } stream)
                return stream;
            damaged($"{Path.Combine(Name, file)}: {problem}");
        }

        return problem is null ? null : throw new BadInputException($"--checkpoint: {Name}: no checkpoint there is whole; remove the folder to start anew");
    }

    public void Dispose() => _lock.Dispose();

    private string FileOf(string file) => Path.Combine(_path, file);

    private FileStream? TryOpen(string file, out string? problem)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(FileOf(file), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
            problem = IsWhole(stream) ? null : "the checkpoint is damaged: its checksum is not that of its contents";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"the checkpoint cannot be read: {e.Message}";
        }

        if (problem is null)
            return stream;
        stream?.Dispose();
        return null;
    }

    private static bool IsWhole(FileStream stream)
    {
        long contents = stream.Length - ChecksumBytes;
        if (contents < 0)
            return false;
        var hash = new XxHash128();
        byte[] buffer = new byte[1 << 16];
        for (long left = contents; left > 0;)
        {
            int read = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, left));
            if (read == 0)
                return false;
            hash.Append(buffer.AsSpan(0, read));
            left -= read;
        }

        Span<byte> checksum = stackalloc byte[ChecksumBytes];
        stream.ReadExactly(checksum);
        stream.Position = 0;
        return checksum.SequenceEqual(hash.GetCurrentHash());
    }

    /// <summary>Of processes that were killed while they wrote; the lock is held, so nobody else's.</summary>
    private static void RemoveLeftovers(string path)
    {
        foreach (string file in Directory.EnumerateFiles(path, $".{Next}.*.tmp"))
            File.Delete(file);
    }
}
