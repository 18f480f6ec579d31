using System.Diagnostics;

namespace Lpom.Docs.Tests;

/// <summary>A folder that looks like the root of a clone, and a shell in it that has <c>lpom</c>.</summary>
internal sealed class SnippetShell : TestFolder
{
    private const string Bash = "/bin/bash", Python = "/usr/bin/python3";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(DocumentTests.HasMinutes ? 60 : 2);

    public SnippetShell()
    {
        foreach (string name in (string[])["docs", "examples", "eng", "src"])
            Directory.CreateSymbolicLink(this[name], Path.Combine(TestedProgram.Root, name));
        string program = Path.Combine(Directory.CreateDirectory(this["bin"]).FullName, "lpom");
        File.WriteAllText(program, $"#!/bin/sh\nexec {TestedProgram.ShellCommand} \"$@\"\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    /// <summary>Whether Python with numpy is there.</summary>
    public static bool HasPython { get; } = File.Exists(Python) && Process.Start(new ProcessStartInfo(Python, ["-c", "import numpy"]) { RedirectStandardError = true, UseShellExecute = false }) is Process process && Ends(process);

    /// <summary>Runs a block, and stops at the first command that fails.</summary>
    public Ran Run(Snippet snippet)
    {
        ProcessStartInfo start = snippet.Language == "python" ? new(Python, ["-c", snippet.Text]) : new(Bash, ["-euo", "pipefail", "-c", snippet.Text.Replace(" DIR", " $LPOM_DATA", StringComparison.Ordinal)]);
        start.WorkingDirectory = FullName;
        start.UseShellExecute = false;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        foreach (string name in (string[])["CI", "LPOM_SIMD", TestedProgram.NativeVariable])
            start.Environment.Remove(name);
        start.Environment["PATH"] = $"{this["bin"]}:{start.Environment["PATH"]}";
        start.Environment["XDG_CACHE_HOME"] = FullName;
        start.Environment["LC_ALL"] = "C.UTF-8";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{snippet}: does not end");
        }

        return new Ran(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult());
    }

    private static bool Ends(Process process)
    {
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
