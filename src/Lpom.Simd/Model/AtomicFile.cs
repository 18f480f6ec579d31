namespace Lpom.Simd.Model;

/// <summary>Writes a file so that it is whole or not there.</summary>
internal static class AtomicFile
{
    /// <summary>Writes to a temporary file in the same folder, flushed to disk, renamed over <paramref name="path"/>.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        string target = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(target) ?? throw new IOException($"{path} is a folder.");
        // In the same folder, or the rename would be a copy.
        string temporary = Path.Combine(folder, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}.tmp");
        // New or an error: from here on the file is ours to delete.
        var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        try
        {
            using (stream)
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
