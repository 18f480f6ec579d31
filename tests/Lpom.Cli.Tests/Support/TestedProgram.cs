namespace Lpom.Cli.Tests.Support;

/// <summary>The program that is tested: the one that the solution built, or the native one that the environment variable LPOM_TEST_BINARY names.</summary>
public static class TestedProgram
{
    /// <summary>The environment variable.</summary>
    public const string NativeVariable = "LPOM_TEST_BINARY";

    /// <summary>The repository that the tests were built from.</summary>
    public static string Root { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.Parent!.Parent!.FullName;

    /// <summary>The native program; null where the tests are told of none.</summary>
    public static string? Native { get; } = Environment.GetEnvironmentVariable(NativeVariable) is { Length: > 0 } path ? Path.GetFullPath(path) : null;

    /// <summary>The program that the solution built, for the configuration and framework of these tests.</summary>
    public static string Built { get; } = Find();

    /// <summary>The program as the first words of a shell's command.</summary>
    public static string ShellCommand { get; } = Native is null ? $"dotnet '{Built}'" : $"'{Native}'";

    private static string Find()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        string configuration = framework.Parent!.Name;
        return Path.Combine(Root, "src", "Lpom.Cli", "bin", configuration, framework.Name, "lpom.dll");
    }
}
