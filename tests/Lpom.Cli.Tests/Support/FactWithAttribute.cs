namespace Lpom.Cli.Tests.Support;

/// <summary>A test that runs a program of the system's: skipped where that is not installed, but not in CI, which installs it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactWithAttribute : FactAttribute
{
    public FactWithAttribute(string program)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        bool isCI = Environment.GetEnvironmentVariable("CI") == "true";
        if (!isCI && !Array.Exists(folders, folder => File.Exists(Path.Combine(folder, program))))
            Skip = $"{program} is not installed";
    }
}
