namespace Lpom.Simd.Tests.Architecture;

/// <summary>The repository that the tests were built from.</summary>
internal static class RepositoryFiles
{
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string FindRoot(string folder)
    {
        string? current = folder;
        while (current is not null && !File.Exists(System.IO.Path.Combine(current, "Lpom.sln"))) current = System.IO.Path.GetDirectoryName(current);
        return current ?? throw new InvalidOperationException($"No Lpom.sln above {folder}.");
    }
}
