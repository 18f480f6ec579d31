using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Lpom.Fuzz;

/// <summary>Executions of a reader: each must end in a correct read or in a refusal, soon, and without memory that the file does not account for.</summary>
internal sealed partial class FuzzRun : IDisposable
{
    /// <summary>A longer execution is a hang.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // Ten times the file, and what any reading takes: buffers and decompressors, of an archive those of four arrays, and messages.
    private const int BytesPerByte = 10, FixedBytes = 1 << 20;

    private const int MostInPool = 4000;

    private readonly FuzzTarget _target;
    private readonly string _crashes;
    private readonly Random _random;
    private readonly Mutator _mutator;
    private readonly ScratchFile _file;
    private readonly List<byte[]> _pool;
    private readonly HashSet<string> _outcomes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);

    /// <param name="target">The reader.</param>
    /// <param name="corpus">More seeds.</param>
    /// <param name="crashes">Folder for inputs that it does not stand.</param>
    /// <param name="seed">The same gives the same inputs.</param>
    public FuzzRun(FuzzTarget target, IEnumerable<byte[]> corpus, string crashes, int seed)
    {
        _target = target;
        _crashes = crashes;
        _random = new Random(seed);
        _mutator = new Mutator(_random, target.IsText);
        _file = new ScratchFile(".bin");
        _pool = [.. target.Seeds, .. corpus];
    }

    public long Executions { get; private set; }

    /// <summary>Kinds of outcomes: reads, and the shapes of refusals' messages.</summary>
    public int Outcomes => _outcomes.Count;

    public int Crashes => _found.Count;

    /// <summary>Seeds cut off at every byte, and with every byte changed in every way that is likely to matter, or in all ways where the seed is small.</summary>
    public void Exhaust()
    {
        foreach (byte[] seed in _target.Seeds)
        {
            Execute(seed);
            for (int at = 0; at < seed.Length; at++)
            {
                Execute(seed[..at]);
                foreach (byte mask in Masks(seed.Length))
                {
                    byte[] flipped = [.. seed];
                    flipped[at] ^= mask;
                    Execute(flipped);
                }
            }
        }
    }

    /// <summary>Mutated seeds, until the time is over or there are enough of them.</summary>
    public void Mutate(TimeSpan time, long executions)
    {
        long start = Stopwatch.GetTimestamp();
        for (long i = 0; i < executions; i++)
        {
            if (i % 64 == 0 && Stopwatch.GetElapsedTime(start) >= time)
                return;
            byte[] content = _mutator.Mutate(Pick(), Pick());
            // Of packed contents, those and the package itself are changed in turn.
            if (Execute(_target.Container is not null && i % 2 == 0 ? _target.Container(content) : content) && _pool.Count < MostInPool)
                _pool.Add(content);
        }
    }

    public void Dispose() => _file.Dispose();

    private static IEnumerable<byte> Masks(int length) =>
        length <= 300 ? Enumerable.Range(1, 255).Select(mask => (byte)mask) : [1, 2, 4, 8, 16, 32, 64, 128, 255, 0x30];

    private byte[] Pick() => _pool[_random.Next(_pool.Count)];

    /// <summary>True for an outcome that is new.</summary>
    private bool Execute(byte[] bytes)
    {
        Executions++;
        _file.Write(bytes);
        long allocated = GC.GetAllocatedBytesForCurrentThread(), start = Stopwatch.GetTimestamp();
        string outcome = Outcome();
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        if (time > Patience)
            Report("hang", $"it took {time.TotalSeconds:F1} s", bytes);
        if (allocated > FixedBytes + ((long)BytesPerByte * bytes.Length))
            Report("memory", $"it allocated {allocated} bytes for {bytes.Length}", bytes);
        return _outcomes.Add(outcome);
    }

    private string Outcome()
    {
        try
        {
            _target.Read(_file);
            return "read";
        }
        catch (Exception e) when (_target.Refusals.Contains(e.GetType()))
        {
            return Shape(e.Message);
        }
        catch (Exception e)
        {
            Report(e.GetType().Name, e.ToString(), _file.Bytes);
            return e.GetType().Name;
        }
    }

    private void Report(string kind, string what, byte[] bytes)
    {
        // One input for each kind and place.
        string place = $"{kind}: {(kind is "hang" or "memory" ? "" : Shape(string.Join('\n', what.Split('\n').Take(4))))}";
        if (!_found.Add(place))
            return;
        Directory.CreateDirectory(_crashes);
        string file = Path.Combine(_crashes, $"{_target.Name}-{kind}-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))[..12]}");
        File.WriteAllBytes(file, bytes);
        Console.Error.WriteLine($"{_target.Name}: {kind}, {file} ({bytes.Length} bytes): {what}");
    }

    // Messages with different numbers and quoted texts are the same outcome.
    private string Shape(string message) => Varying().Replace(message.Replace(_file.FullName, "FILE", StringComparison.Ordinal), "#");

    [GeneratedRegex("""'[^']*'|"[^"]*"|[0-9][0-9A-Fa-f.,]*""", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Varying();
}
