using Lpom.Simd.Kernels.Width;

namespace Lpom.Bench.Ratios;

/// <summary>The options of the command 'ratios'.</summary>
/// <param name="Threads">Threads of both sides, and processors of the process.</param>
/// <param name="Width">Our vector width.</param>
/// <param name="Operations">What to measure.</param>
/// <param name="Repeat">How often the whole list is measured.</param>
internal sealed record RatiosOptions(int Threads, SimdWidth Width, string[] Operations, int Repeat)
{
    private const int MaxThreads = 64;
    private const int MaxRepeat = 1000;

    private static readonly string[] AllOperations = [.. DenseCases.Operations, .. PointwiseCase.All.Select(c => c.Op)];

    /// <summary>Reads the options; null, after a line on stderr, when one is wrong.</summary>
    public static RatiosOptions? Parse(string[] args)
    {
        var (threads, width, operations, repeat) = (1, SimdLevel.Current, AllOperations, 1);
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool valid = args[i] switch
            {
                "--threads" => int.TryParse(value, out threads) && threads is > 0 and <= MaxThreads,
                "--simd" => SimdLevel.TryParse(value, out width),
                "--op" => (operations = value.Split(',')).All(AllOperations.Contains),
                "--repeat" => int.TryParse(value, out repeat) && repeat is > 0 and <= MaxRepeat,
                _ => false,
            };
            if (valid) continue;
            Console.Error.WriteLine(
                $"ratios: '{args[i]} {value}' is not --threads 1…{MaxThreads}, --simd 512|256|128|1, --repeat 1…{MaxRepeat} or --op with a comma-separated list of {string.Join('|', AllOperations)}.");
            return null;
        }
        return new RatiosOptions(threads, width, operations, repeat);
    }
}
