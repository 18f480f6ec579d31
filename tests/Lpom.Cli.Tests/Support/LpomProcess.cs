using System.Diagnostics;

namespace Lpom.Cli.Tests.Support;

/// <summary>
/// Runs the program as a process, in an environment without data: the one that the solution built, or the native one that the
/// environment variable LPOM_TEST_BINARY names. The built one stays for further command lines where all they have is arguments.
/// </summary>
public static class LpomProcess
{
    /// <summary>Names the folder that stands for the user's cache.</summary>
    public const string CacheVariable = "XDG_CACHE_HOME";

    /// <summary>How long a run may take.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(2);

    public static Ran Run(string folder, params string[] arguments) =>
        TestedProgram.Native is null && OperatingSystem.IsLinux() ? ResidentProgram.Run(folder, arguments) : RunAlone(folder, arguments);

    /// <summary>Runs the program in a process that runs nothing else: its memory and its start are those of a user's.</summary>
    public static Ran RunAlone(string folder, params string[] arguments) => Run(folder, environment: null, input: null, arguments);

    public static Ran Run(string folder, (string Name, string Value)? environment, string? input, params string[] arguments)
    {
        using Process process = Start(folder, environment, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Feed(process.StandardInput, input);
        return Finish(process, output, errors);
    }

    /// <summary>Runs the program that the solution built even where the tests are told of another: what only the JIT has is tested so.</summary>
    public static Ran RunBuilt(string folder, (string Name, string Value)? environment, params string[] arguments)
    {
        using Process process = StartBuilt(folder, environment, arguments);
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
        string script = $"stty cols {columns} rows {rows}; lpom() {{ {TestedProgram.ShellCommand} \"$@\"; }}; {command}";
        using Process process = Start("script", ["-qec", script, "/dev/null"], folder, environment);
        process.StandardInput.Close();
        return Finish(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    public static Process Start(string folder, (string Name, string Value)? environment, params string[] arguments) =>
        TestedProgram.Native is null ? StartBuilt(folder, environment, arguments) : Start(TestedProgram.Native, arguments, folder, environment);

    /// <summary>Starts the program that the solution built.</summary>
    public static Process StartBuilt(string folder, (string Name, string Value)? environment, params string[] arguments) =>
        Start("dotnet", [TestedProgram.Built, .. arguments], folder, environment);

    /// <summary>Writes a program's whole input and closes it: one that refuses its command line ends without reading, as in a shell's pipe.</summary>
    private static void Feed(StreamWriter standardInput, string? input)
    {
        try
        {
            standardInput.Write(input);
            standardInput.Close();
        }
        catch (IOException)
        {
            // The pipe is broken: what the program answered instead of reading is what the test judges.
        }
    }

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
        foreach (string name in (string[])["CI", "LPOM_DATA", "LPOM_SIMD", "NO_COLOR", TestedProgram.NativeVariable])
            start.Environment.Remove(name);
        start.Environment[CacheVariable] = folder;
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
}
