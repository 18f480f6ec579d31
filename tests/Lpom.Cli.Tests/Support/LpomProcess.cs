using System.Diagnostics;
using System.Text.Json;

namespace Lpom.Cli.Tests.Support;

/// <summary>A finished run of the program.</summary>
public sealed record Ran(int ExitCode, string Output, string Errors)
{
    public JsonElement[] Json => [.. Lines(Output).Select(line => JsonDocument.Parse(line).RootElement)];

    public string[] OutputLines => Lines(Output);

    public string[] ErrorLines => Lines(Errors);

    /// <summary>Asserts what all bad input has in common: exit code 2, one line on the standard error, nothing else.</summary>
    public string AssertBadInput()
    {
        Assert.Equal(2, ExitCode);
        Assert.Equal("", Output);
        string line = Assert.Single(ErrorLines);
        Assert.StartsWith("lpom: ", line);
        return line;
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>
/// Runs the program as a process, in an environment without data: the one that the solution built, or the native one that the
/// environment variable LPOM_TEST_BINARY names.
/// </summary>
public static class LpomProcess
{
    private const string BinaryVariable = "LPOM_TEST_BINARY";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The repository that the tests were built from.</summary>
    public static string Root { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.Parent!.Parent!.FullName;

    private static string? Binary { get; } = Environment.GetEnvironmentVariable(BinaryVariable) is { Length: > 0 } path ? Path.GetFullPath(path) : null;

    /// <summary>The program as the first words of a shell's command.</summary>
    public static string ShellCommand { get; } = Binary is null ? $"dotnet '{Find()}'" : $"'{Binary}'";

    // The program for the configuration and framework of these tests.
    private static string Dll { get; } = Find();

    public static Ran Run(string folder, params string[] arguments) => Run(folder, environment: null, input: null, arguments);

    public static Ran Run(string folder, (string Name, string Value)? environment, string? input, params string[] arguments)
    {
        using Process process = Start(folder, environment, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (input is not null)
            process.StandardInput.Write(input);
        process.StandardInput.Close();
        return Finish(process, output, errors);
    }

    /// <summary>Runs the program that the solution built even where the tests are told of another: what only the JIT has is tested so.</summary>
    public static Ran RunBuilt(string folder, (string Name, string Value)? environment, params string[] arguments)
    {
        using Process process = Start("dotnet", [Dll, .. arguments], folder, environment);
        process.StandardInput.Close();
        return Finish(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    /// <summary>Runs a shell's command in a pseudo-terminal, which is its standard input, output and error.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="environment">A variable; null for none.</param>
    /// <param name="columns">Of the terminal.</param>
    /// <param name="rows">Of the terminal.</param>
    /// <param name="command">With <c>lpom</c> for the program.</param>
    public static Ran RunInTerminal(string folder, (string Name, string Value)? environment, int columns, int rows, string command)
    {
        string script = $"stty cols {columns} rows {rows}; lpom() {{ {ShellCommand} \"$@\"; }}; {command}";
        using Process process = Start("script", ["-qec", script, "/dev/null"], folder, environment);
        process.StandardInput.Close();
        return Finish(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    public static Process Start(string folder, (string Name, string Value)? environment, params string[] arguments) =>
        Binary is null ? Start("dotnet", [Dll, .. arguments], folder, environment) : Start(Binary, arguments, folder, environment);

    private static Process Start(string program, string[] arguments, string folder, (string Name, string Value)? environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string name in (string[])["CI", "LPOM_DATA", "LPOM_SIMD", "NO_COLOR", BinaryVariable])
            start.Environment.Remove(name);
        start.Environment["XDG_CACHE_HOME"] = folder;
        start.Environment["TERM"] = "xterm-256color";
        start.Environment["LC_ALL"] = "C.UTF-8";
        if (environment is (string variable, string value))
            start.Environment[variable] = value;
        return Process.Start(start)!;
    }

    public static Ran Finish(Process process, Task<string> output, Task<string> errors)
    {
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("the program did not end");
        }

        return new Ran(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }

    private static string Find()
    {
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        string configuration = framework.Parent!.Name;
        return Path.Combine(Root, "src", "Lpom.Cli", "bin", configuration, framework.Name, "lpom.dll");
    }
}
