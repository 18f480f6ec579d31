using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Lpom.Fuzz;

/// <summary>Executions of a reader: each must end in a correct read or in a refusal, soon, and without memory that the file does not account for.</summary>
internal sealed partial class FuzzRun : IDisposable
{
    private const int MostInPool = 4000, Megabyte = 1 << 20;

    // So many times the time that an execution may take.
    private const int NeverEnds = 10;

    private readonly FuzzTarget _target;
    private readonly string _crashes;
    private readonly Random _random;
    private readonly Mutator _mutator;
    private readonly ScratchFile _file;
    private readonly List<byte[]> _files;
    private readonly List<byte[]> _contents;
    private readonly Watchdog _watchdog;
    private readonly HashSet<string> _outcomes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);

    /// <param name="target">The reader.</param>
    /// <param name="corpus">More files.</param>
    /// <param name="crashes">Folder for inputs that it does not stand.</param>
    /// <param name="scratch">Folder for the input that is being read: what is left there when the process dies.</param>
    /// <param name="seed">The same gives the same inputs.</param>
    public FuzzRun(FuzzTarget target, IEnumerable<byte[]> corpus, string crashes, string scratch, int seed)
    {
        _target = target;
        _crashes = crashes;
        _random = new Random(seed);
        _mutator = new Mutator(_random, target.IsText);
        _file = new ScratchFile(scratch, $"{target.Name}-died");
        _files = [.. target.Seeds, .. corpus];
        _contents = [.. target.Contents];
        _watchdog = new Watchdog(GiveUp);
    }

    public long Executions { get; private set; }

    /// <summary>Kinds of outcomes: reads, and the shapes of refusals' messages.</summary>
    public int Outcomes => _outcomes.Count;

    public int Crashes => _found.Count;

    /// <summary>Inputs whose outcomes were new, beyond those that it began with; of packed contents, the files.</summary>
    public List<byte[]> Found { get; } = [];

    /// <summary>The corpus as it is; seeds cut off at every byte, and with every byte changed in every way that is likely to matter, or in all ways where the seed is small.</summary>
    /// <param name="isThorough">Whether there is time for more ways.</param>
    public void Exhaust(bool isThorough)
    {
        foreach (byte[] file in _files)
            Execute(file);
        foreach (byte[] seed in _target.Seeds)
            Exhaust(seed, content => content, isThorough);
        foreach (byte[] seed in _target.Contents)
            Exhaust(seed, _target.Container, isThorough);
    }

    /// <summary>Large seeds as they are, then mutated for a time.</summary>
    public void Enlarge(TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        (byte[] File, long ContentBytes)[] large = [.. _target.Large.Select(seed => (seed.Make(), seed.ContentBytes))];
        foreach ((byte[] file, long contentBytes) in large)
            Execute(file, contentBytes);
        while (large.Length > 0 && Stopwatch.GetElapsedTime(start) < time)
        {
            (byte[] file, long contentBytes) = large[_random.Next(large.Length)];
            Execute(_mutator.MutateLarge(file), contentBytes);
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
            // Contents, and the packages that they are in, are changed in turn.
            bool isPacked = _contents.Count > 0 && (_files.Count == 0 || i % 2 == 0);
            List<byte[]> pool = isPacked ? _contents : _files;
            byte[] input = _mutator.Mutate(Pick(pool), Pick(pool)), file = isPacked ? _target.Container(input) : input;
            if (!Execute(file))
                continue;
            Found.Add(file);
            if (pool.Count < MostInPool)
                pool.Add(input);
        }
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        _file.Dispose();
    }

    private void Exhaust(byte[] seed, Func<byte[], byte[]> pack, bool isThorough)
    {
        Execute(pack(seed));
        for (int at = 0; at < seed.Length; at++)
        {
            Execute(pack(seed[..at]));
            foreach (byte mask in Masks(seed.Length, isThorough))
            {
                byte[] flipped = [.. seed];
                flipped[at] ^= mask;
                Execute(pack(flipped));
            }
        }
    }

    private static byte[] Masks(int length, bool isThorough)
    {
        if (length <= (isThorough ? 100 : 64))
            return [.. Enumerable.Range(1, 255).Select(mask => (byte)mask)];
        if (length > 400)
            return [1, 128, 255];
        return isThorough ? [1, 2, 4, 8, 16, 32, 64, 128, 255, 0x30] : [1, 8, 0x30, 128, 255];
    }

    private byte[] Pick(List<byte[]> pool) => pool[_random.Next(pool.Count)];

    /// <summary>True for an outcome that is new.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="contentBytes">What it expands to, where that is more.</param>
    private bool Execute(byte[] bytes, long contentBytes = 0)
    {
        Executions++;
        contentBytes = Math.Max(contentBytes, bytes.Length);
        TimeSpan patience = TimeSpan.FromSeconds(1 + (contentBytes / Megabyte));
        _file.Write(bytes);
        _watchdog.Begin(bytes, NeverEnds * patience);
        // Of all threads; what is not managed is the decompressors' only.
        long allocated = GC.GetTotalAllocatedBytes();
        string outcome = Timed(out TimeSpan time, out Action? check);
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        Check(check);
        _watchdog.End();
        if (time > patience)
            ExecuteAgain(bytes, patience);
        long allowed = _target.FixedBytes + (_target.BytesPerByte * contentBytes);
        if (allocated > allowed)
            Report("memory", $"it allocated {allocated} bytes for {contentBytes}", bytes);
        return _outcomes.Add(outcome);
    }

    /// <summary>What is slow the first time may have been compiled, or on a machine that others use too; a hang is slow again.</summary>
    private void ExecuteAgain(byte[] bytes, TimeSpan patience)
    {
        _file.Write(bytes);
        _watchdog.Begin(bytes, NeverEnds * patience);
        Timed(out TimeSpan time, out _);
        _watchdog.End();
        if (time > patience)
            Report("hang", $"it took {time.TotalSeconds:F1} s", bytes);
    }

    private string Timed(out TimeSpan time, out Action? check)
    {
        // The processor's time: a machine that is busy with other work makes no hang. What waits for ever is the watchdog's.
        TimeSpan start = Environment.CpuUsage.TotalTime;
        string outcome = Outcome(out check);
        time = Environment.CpuUsage.TotalTime - start;
        return outcome;
    }

    private string Outcome(out Action? check)
    {
        check = null;
        try
        {
            check = _target.Read(_file);
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

    private void Check(Action? check)
    {
        try
        {
            check?.Invoke();
        }
        catch (Exception e)
        {
            Report("wrong", e.ToString(), _file.Bytes);
        }
    }

    private void GiveUp(byte[] bytes)
    {
        Report("hang", "it does not end", bytes);
        _file.Dispose();
        Environment.Exit(1);
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

    [GeneratedRegex("""'.*'|".*"|[0-9][0-9A-Fa-f.,]*""", RegexOptions.Singleline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Varying();
}
