using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Lpom.Cli.Terminal;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Cli.Latency;

/// <summary>The same predictions in plain C, for random weights and ReLU layers: a process that measures a block whenever it is asked to.</summary>
internal sealed class CAnchor : IDisposable
{
    /// <summary>How it is built.</summary>
    public const string Build = "gcc -O3 -march=native -ffast-math -pthread";

    private const string Source = "latency.c";

    // MAX_LAYERS and MAX_WIDTH of the source.
    private const int MostLayers = 1024, MostWidth = 1_000_000;

    private readonly Process _process;

    private CAnchor(Process process) => _process = process;

    /// <summary>Builds and starts it.</summary>
    /// <param name="layers">The network's widths, such as 784-300-10.</param>
    /// <returns>Null, after a note that says why, when it cannot be built or started.</returns>
    public static CAnchor? Start(string layers)
    {
        string[] widths = layers.Split('-');
        if (widths.Length - 1 > MostLayers || widths.Any(width => int.Parse(width, CultureInfo.InvariantCulture) > MostWidth))
            return LeftOut($"it takes {MostLayers} layers of {MostWidth} values at most");
        try
        {
            DirectoryInfo folder = Directory.CreateTempSubdirectory("lpom-");
            try
            {
                string program = Path.Combine(folder.FullName, "latency");
                return Compile(program) is not string problem
                    ? new CAnchor(Process.Start(Redirected(program, layers, "-"))!)
                    : LeftOut($"gcc could not build it: {problem}");
            }
            finally
            {
                // A program that runs stays until it ends.
                folder.Delete(recursive: true);
            }
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException)
        {
            return LeftOut(e is Win32Exception ? "there is no gcc that can be run, or its program cannot be" : e.Message);
        }
    }

    /// <summary>Measures a block.</summary>
    /// <exception cref="WorkFailedException">It ended.</exception>
    public LatencyBlock Block(WeightPrecision precision, LatencyLoad load)
    {
        try
        {
            _process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{precision.Name()} {load.Threads} {load.Readings} {load.CallsPerReading}"));
            _process.StandardInput.Flush();
            if (_process.StandardOutput.ReadLine() is string line)
                return Read(line);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new WorkFailedException($"the C anchor failed: {e.Message}", e);
        }

        throw new WorkFailedException($"the C anchor ended: {_process.StandardError.ReadToEnd().Trim()}");
    }

    public void Dispose()
    {
        try
        {
            // It ends when there is nothing more to read.
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }

        _process.WaitForExit();
        _process.Dispose();
    }

    /// <returns>What the compiler says, or null when all is well.</returns>
    private static string? Compile(string program)
    {
        string[] words = [.. Build.Split(' '), "-x", "c", "-", "-o", program];
        using Process compiler = Process.Start(Redirected(words[0], words[1..]))!;
        Task<string> errors = compiler.StandardError.ReadToEndAsync();
        try
        {
            using Stream source = typeof(CAnchor).Assembly.GetManifestResourceStream(Source)!;
            source.CopyTo(compiler.StandardInput.BaseStream);
            compiler.StandardInput.Close();
        }
        catch (IOException)
        {
            // It did not read to the end: its exit code tells.
        }

        compiler.WaitForExit();
        return compiler.ExitCode == 0 ? null : errors.GetAwaiter().GetResult().Trim().Split('\n')[0];
    }

    private static LatencyBlock Read(string line)
    {
        using var document = JsonDocument.Parse(line);
        double Of(string name) => document.RootElement.GetProperty(name).GetDouble();
        return new LatencyBlock(Of("p50us"), Of("p99us"), Of("p999us"));
    }

    private static CAnchor? LeftOut(string why)
    {
        Messages.Note($"note: the C anchor is left out: {why}");
        return null;
    }

    private static ProcessStartInfo Redirected(string program, params string[] arguments) => new(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
    };
}
