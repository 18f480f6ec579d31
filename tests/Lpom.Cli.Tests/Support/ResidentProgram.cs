using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Lpom.Cli.Tests.Support;

/// <summary>A command line for a resident program.</summary>
internal sealed record ResidentRequest(string Folder, string[] Arguments);

/// <summary>What came of it.</summary>
internal sealed record ResidentAnswer(int ExitCode, string Output, string Errors);

/// <summary>A process of the program that runs one command line after another, through its entry point. See <c>StartupHook</c>.</summary>
internal sealed class ResidentProgram
{
    // As many as there are tests at once.
    private static readonly ConcurrentBag<ResidentProgram> Idle = [];

    // They end when nobody writes to them any more. Waited for: what counts the lines that ran notes them when a process ends.
    static ResidentProgram() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (ResidentProgram program in Idle)
        {
            program._process.StandardInput.Close();
            program._process.WaitForExit(TimeSpan.FromSeconds(10));
        }
    };

    private readonly Process _process = LpomProcess.StartBuilt(Directory.GetCurrentDirectory(), (StartupHook.Variable, typeof(ResidentProgram).Assembly.Location));

    /// <summary>Runs a command line with an empty standard input.</summary>
    public static Ran Run(string folder, string[] arguments)
    {
        if (!Idle.TryTake(out ResidentProgram? program))
            program = new ResidentProgram();
        Ran ran = program.RunOne(folder, arguments);
        Idle.Add(program);
        return ran;
    }

    private Ran RunOne(string folder, string[] arguments)
    {
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(new ResidentRequest(folder, arguments)));
        _process.StandardInput.Flush();
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        if (!line.Wait(LpomProcess.Patience) || line.Result is not { } answered)
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"the program did not end, or ended without an answer: {string.Join(' ', arguments)}");
            throw new UnreachableException();
        }

        ResidentAnswer answer = JsonSerializer.Deserialize<ResidentAnswer>(answered)!;
        return new Ran(answer.ExitCode, answer.Output, answer.Errors);
    }
}
