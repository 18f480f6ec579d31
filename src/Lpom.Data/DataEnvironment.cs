namespace Lpom.Data;

/// <summary>Where the machine keeps data, so that a lookup depends on nothing else.</summary>
/// <param name="LpomData">Value of LPOM_DATA: a folder; null when unset or empty.</param>
/// <param name="CacheFolder">XDG_CACHE_HOME/lpom, by default ~/.cache/lpom; null when there is no home.</param>
/// <param name="SystemFolder">The distribution's data sets: /usr/share/datasets.</param>
public sealed record DataEnvironment(string? LpomData, string? CacheFolder, string SystemFolder)
{
    /// <summary>The process's environment.</summary>
    public static DataEnvironment Current() => From(Environment.GetEnvironmentVariable);

    /// <summary>The same of any source of variables.</summary>
    public static DataEnvironment From(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        string? data = variable("LPOM_DATA");
        return new DataEnvironment(string.IsNullOrEmpty(data) ? null : data, Cache(variable), "/usr/share/datasets");
    }

    private static string? Cache(Func<string, string?> variable)
    {
        // The XDG specification: a relative path is to be ignored.
        string? cache = variable("XDG_CACHE_HOME");
        if (!string.IsNullOrEmpty(cache) && Path.IsPathRooted(cache))
            return Path.Combine(cache, "lpom");
        string? home = variable("HOME");
        return string.IsNullOrEmpty(home) ? null : Path.Combine(home, ".cache", "lpom");
    }
}
