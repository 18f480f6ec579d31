namespace Lpom.Cli.Manual;

/// <summary>A variable or folder outside of the command line on which commands depend.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does.</param>
/// <param name="Option">The option that the commands have that depend on it; null when all do.</param>
internal sealed record Surrounding(string Name, string Description, string? Option)
{
    private const string DataDir = "--data-dir";

    public static readonly IReadOnlyList<Surrounding> Variables =
    [
        new("LPOM_DATA", "Folder to look for named data in, after that of --data-dir.", DataDir),
        new("LPOM_SIMD", "Width of the SIMD vectors in bits: 512, 256 or 128, or 1 for none; without it, the widest that the processor has.", null),
        new("NO_COLOR", "When it is set and not empty, what is written to terminals has no colours.", null),
        new("XDG_CACHE_HOME", "Folder whose subfolder lpom is looked in for named data, after LPOM_DATA; without it, ~/.cache.", DataDir),
    ];

    public static readonly IReadOnlyList<Surrounding> Folders =
    [
        new("~/.cache/lpom", "Named data, after $LPOM_DATA.", DataDir),
        new("/usr/share/datasets", "Named data, the last that is looked in.", DataDir),
    ];
}
