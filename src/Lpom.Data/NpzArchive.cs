using System.IO.Compression;

namespace Lpom.Data;

/// <summary>
/// An NPZ file: a ZIP archive of NPY arrays, stored or deflated. Names of members are compared and shown, never used as paths;
/// members that are no NPY arrays are left alone.
/// </summary>
internal sealed class NpzArchive : ArraySet
{
    // An entry of a few bytes is some hundred in memory. Two thousand arrays have half of that.
    private const int MostDirectoryBytes = 1 << 18;

    private readonly ZipArchive _archive;
    private readonly Dictionary<string, ZipArchiveEntry> _members = [];

    private NpzArchive(MeteredStream file, string path) : base(path)
    {
        _archive = new ZipArchive(file, ZipArchiveMode.Read);
        foreach (ZipArchiveEntry entry in _archive.Entries)
        {
            if (!entry.FullName.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
                continue;
            string name = entry.FullName[..^Extension.Length];
            if (!_members.TryAdd(name, entry))
                throw new DataFormatException(path, $"has the member '{CsvRowReader.Printable(entry.FullName)}' twice.");
        }

        Names = _members.Keys.ToArray();
        file.Lift();
    }

    public override IReadOnlyList<string> Names { get; }

    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">It cannot be read, or is no ZIP archive.</exception>
    public static NpzArchive Open(string path)
    {
        var file = new MeteredStream(SourceFile.OpenStream(path), MostDirectoryBytes);
        try
        {
            return new NpzArchive(file, path);
        }
        catch (Exception e) when (IsDamage(e) && file.IsExceeded)
        {
            file.Dispose();
            throw new DataFormatException(path, $"has members whose directory takes more than {MostDirectoryBytes} bytes; an NPZ file has some arrays.", e);
        }
        catch (Exception e) when (IsDamage(e))
        {
            file.Dispose();
            throw new DataFormatException(path, "is not a ZIP archive, as NPZ files are, or is damaged or truncated.", e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>What reading a damaged ZIP archive ends in.</summary>
    public static bool IsDamage(Exception e) =>
        e is InvalidDataException or IOException or ArgumentException or OverflowException or NotSupportedException;

    public override ByteInput OpenArray(string name) =>
        ZipMember.Open(_members[name], $"{Path}: {CsvRowReader.Printable(name)}{Extension}");

    public override void Dispose() => _archive.Dispose();
}
