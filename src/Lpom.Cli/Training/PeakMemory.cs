using System.Diagnostics;
using System.Globalization;

namespace Lpom.Cli.Training;

/// <summary>The most memory that the process has had resident.</summary>
internal static class PeakMemory
{
    /// <summary>Lets the mark start again from what is resident now.</summary>
    /// <returns>False where the system has no such thing.</returns>
    public static bool TryReset()
    {
        if (!OperatingSystem.IsLinux())
            return false;
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>In MiB: the kernel's high-water mark on Linux.</summary>
    public static double MiB
    {
        get
        {
            const string key = "VmHWM:";
            if (OperatingSystem.IsLinux())
            {
                foreach (string line in File.ReadLines("/proc/self/status"))
                {
                    if (line.StartsWith(key, StringComparison.Ordinal) && long.TryParse(line.AsSpan(key.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture, out long kibibytes))
                        return kibibytes / 1024.0;
                }
            }

            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64 / (1024.0 * 1024.0);
        }
    }
}
