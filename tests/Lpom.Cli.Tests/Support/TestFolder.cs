namespace Lpom.Cli.Tests.Support;

/// <summary>An empty folder, removed in the end.</summary>
public class TestFolder : IDisposable
{
    public string FullName { get; } = Directory.CreateTempSubdirectory("lpom-cli-").FullName;

    public IEnumerable<string> Names => Directory.EnumerateFileSystemEntries(FullName).Select(p => Path.GetFileName(p)!).Order();

    public string this[string name] => Path.Combine(FullName, name);

    public virtual void Dispose()
    {
        Directory.Delete(FullName, recursive: true);
        GC.SuppressFinalize(this);
    }
}
