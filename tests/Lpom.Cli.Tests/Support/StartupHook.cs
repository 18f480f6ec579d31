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
    public static void Initialize()
    {
        using var requests = new StreamReader(new FileStream(Duplicate(0), FileAccess.Read));
        using var answers = new StreamWriter(new FileStream(Duplicate(1), FileAccess.Write)) { AutoFlush = true };
        var written = new TestFolder();
        MethodInfo main = Assembly.Load("lpom").EntryPoint!;
        Redirect("/dev/null", FileMode.Open, FileAccess.Read, 0);
        while (requests.ReadLine() is { } line)
        {
            ResidentRequest request = JsonSerializer.Deserialize<ResidentRequest>(line)!;
            Environment.CurrentDirectory = request.Folder;
            Environment.SetEnvironmentVariable(LpomProcess.CacheVariable, request.Folder);
            Redirect(written["output"], FileMode.Create, FileAccess.Write, 1);
            Redirect(written["errors"], FileMode.Create, FileAccess.Write, 2);
            int exitCode = (int)main.Invoke(null, [request.Arguments])!;
            answers.WriteLine(JsonSerializer.Serialize(new ResidentAnswer(exitCode, File.ReadAllText(written["output"]), File.ReadAllText(written["errors"]))));
        }

        written.Dispose();
        Environment.Exit(0);
    }

    private static SafeFileHandle Duplicate(int descriptor) => new(DuplicateDescriptor(descriptor), ownsHandle: true);

    private static void Redirect(string path, FileMode mode, FileAccess access, int descriptor)
    {
        using SafeFileHandle file = File.OpenHandle(path, mode, access, FileShare.ReadWrite);
        if (ReplaceDescriptor(file, descriptor) < 0)
            throw new IOException($"dup2 onto {descriptor} failed");
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int DuplicateDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int ReplaceDescriptor(SafeFileHandle file, int descriptor);
}
