using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;
using Lpom.Cli.Tests.Support;
using Microsoft.Win32.SafeHandles;

/// <summary>
/// Run by the runtime in the program's own process before its entry point (DOTNET_STARTUP_HOOKS), and calls that once for each command
/// line that is asked for on the standard input, until it ends: the compiler then works once for many tests. Each has a folder, and a
/// standard output and error, of its own; see <see cref="ResidentProgram"/>.
/// </summary>
#pragma warning disable MA0047 // The runtime looks for a class of this name in no namespace.
internal static partial class StartupHook
#pragma warning restore MA0047
{
    public const string Variable = "DOTNET_STARTUP_HOOKS";

    // That of a process which died of SIGABRT, as one with an exception that nobody catches does.
    private const int Crashed = 134;

    public static void Initialize()
    {
        // Opened, not duplicated: what the program starts does not inherit them.
        using var requests = new StreamReader("/proc/self/fd/0");
        using var answers = new StreamWriter(new FileStream("/proc/self/fd/1", FileMode.Open, FileAccess.Write)) { AutoFlush = true };
        using (var written = new TestFolder())
        {
            Environment.SetEnvironmentVariable(Variable, null);
            Redirect("/dev/null", FileMode.Open, FileAccess.Read, 0);
            while (requests.ReadLine() is { } line)
            {
                ResidentRequest request = JsonSerializer.Deserialize<ResidentRequest>(line)!;
                int exitCode = Run(request, written["output"], written["errors"]);
                answers.WriteLine(JsonSerializer.Serialize(new ResidentAnswer(exitCode, File.ReadAllText(written["output"]), File.ReadAllText(written["errors"]))));
            }
        }

        Environment.Exit(0);
    }

    private static int Run(ResidentRequest request, string output, string errors)
    {
        Environment.CurrentDirectory = request.Folder;
        Environment.SetEnvironmentVariable(LpomProcess.CacheVariable, request.Folder);
        Redirect(output, FileMode.Create, FileAccess.Write, 1);
        Redirect(errors, FileMode.Create, FileAccess.Write, 2);
        try
        {
            return (int)Assembly.Load("lpom").EntryPoint!.Invoke(null, [request.Arguments])!;
        }
        catch (TargetInvocationException e)
        {
            File.AppendAllText(errors, $"Unhandled exception. {e.InnerException}\n");
            return Crashed;
        }
    }

    private static void Redirect(string path, FileMode mode, FileAccess access, int descriptor)
    {
        using SafeFileHandle file = File.OpenHandle(path, mode, access, FileShare.ReadWrite);
        if (ReplaceDescriptor(file, descriptor) < 0)
            throw new IOException($"dup2 onto {descriptor} failed");
    }

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int ReplaceDescriptor(SafeFileHandle file, int descriptor);
}
