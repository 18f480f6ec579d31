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
    private FileStream _lock;
    private bool _isNewestDamaged;

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
            FileStream heldLock = TakeLock(path);
            RemoveLeftovers(path);
            return new CheckpointFolder(name, path, heldLock);
        }
        catch (IOException e) when (IsSharingViolation(e))
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
        if (!IsLockInPlace())
            Relock();
        AtomicFile.Write(FileOf(Next), file =>
        {
            var hashing = new HashingStream(file);
            contents(hashing);
            file.Write(hashing.Checksum);
        });
        // A damaged one must not take the place of the whole one before it.
        if (File.Exists(FileOf(Newest)) && !_isNewestDamaged)
            File.Move(FileOf(Newest), FileOf(Previous), overwrite: true);
        File.Move(FileOf(Next), FileOf(Newest), overwrite: true);
        _isNewestDamaged = false;
    }

    /// <summary>The contents of the newest checkpoint that is whole; null when there is none at all.</summary>
    /// <param name="damaged">Told of one that is not whole.</param>
    /// <param name="opened">The checkpoint's file; empty for null.</param>
    /// <exception cref="BadInputException">All that are there are damaged, or cannot be read.</exception>
    public Stream? OpenNewest(Action<string> damaged, out string opened)
    {
        string? problem = null;
        opened = "";
        // Next is there when a process ended between the two renames.
        foreach (string file in (string[])[Newest, Next, Previous])
        {
            if (!File.Exists(FileOf(file)))
                continue;
            opened = Path.Combine(Name, file);
            if (TryOpen(file, out problem) is { } contents)
                return contents;
            _isNewestDamaged |= file == Newest;
            damaged($"{opened}: {problem}");
        }

        return problem is null ? null : throw new BadInputException($"--checkpoint: {Name}: no checkpoint there is whole; remove the folder to start anew");
    }

    public void Dispose() => _lock.Dispose();

    private string FileOf(string file) => Path.Combine(_path, file);

    /// <exception cref="IOException">Another process has it, or it cannot be made.</exception>
    private static FileStream TakeLock(string path)
    {
        Directory.CreateDirectory(path);
        return new FileStream(Path.Combine(path, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
    }

    // EWOULDBLOCK of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.
    private static bool IsSharingViolation(IOException e) =>
        e.HResult == (OperatingSystem.IsWindows() ? unchecked((int)0x80070020) : OperatingSystem.IsMacOS() ? 35 : 11);

    // Somebody may have removed or moved the folder, and another run may have made it anew. Nobody writes to a lock: its time is that at
    // which it was made; that of no file is another too.
    private bool IsLockInPlace() => File.GetLastWriteTimeUtc(FileOf(LockName)) == File.GetLastWriteTimeUtc(_lock.SafeFileHandle);

    private void Relock()
    {
        FileStream taken = TakeLock(_path);
        _lock.Dispose();
        _lock = taken;
    }

    private WindowStream? TryOpen(string file, out string? problem)
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
            return new WindowStream(stream!, stream!.Length - ChecksumBytes);
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
        try
        {
            foreach (string file in Directory.EnumerateFiles(path, $".{Next}.*.tmp"))
                File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // They take up room, and are in nobody's way.
        }
    }
}
