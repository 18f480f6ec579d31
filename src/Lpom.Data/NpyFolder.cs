namespace Lpom.Data;

/// <summary>The NPY files of a folder, plain or .gz. A plain file goes before its .gz.</summary>
internal sealed class NpyFolder : ArraySet
{
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    private NpyFolder(string folder) : base(folder)
    {
        foreach (string suffix in (string[])[Extension, Extension + ".gz"])
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*" + suffix))
                _files.TryAdd(System.IO.Path.GetFileName(file)[..^suffix.Length], file);
        }

        Names = _files.Keys.ToArray();
    }

    public override IReadOnlyList<string> Names { get; }

    public static NpyFolder Look(string folder) => new(folder);

    public override ByteInput OpenArray(string name) => SourceFile.Open(_files[name]);

    public override void Dispose()
    {
    }
}
