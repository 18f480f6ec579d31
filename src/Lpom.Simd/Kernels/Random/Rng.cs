using System.Numerics;

namespace Lpom.Simd.Kernels.Random;

/// <summary>
/// The project's random generator: xoshiro256** (Blackman and Vigna, 2018), its state filled by SplitMix64.
/// The integers and the uniform numbers of a seed are the same on every machine, runtime and version.
/// </summary>
/// <remarks>A mutable struct: keep it in a local or a field and pass it by <c>ref</c>; a copy repeats the sequence.</remarks>
public struct Rng
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    private ulong _s0, _s1, _s2, _s3;

    /// <summary>Starts the sequence of <paramref name="seed"/>.</summary>
    public Rng(ulong seed)
    {
        _s0 = SplitMix64(ref seed);
        _s1 = SplitMix64(ref seed);
        _s2 = SplitMix64(ref seed);
        _s3 = SplitMix64(ref seed);
    }

    /// <summary>Starts sequence <paramref name="stream"/> of <paramref name="seed"/>, for example one an epoch.</summary>
    public Rng(ulong seed, ulong stream) : this(Combine(seed, stream))
    {
    }

    internal Rng(ulong s0, ulong s1, ulong s2, ulong s3) => (_s0, _s1, _s2, _s3) = (s0, s1, s2, s3);

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64()
    {
        // The sequence never reaches this state: it is default(Rng), which counts as seed 0.
        if ((_s0 | _s1 | _s2 | _s3) == 0) this = new Rng(0);
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A uniform integer in [0, <paramref name="bound"/>), without bias (Lemire, 2019).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is not positive.</exception>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        uint range = (uint)bound;
        ulong product = (NextUInt64() >> 32) * range;
        if ((uint)product < range)
        {
            uint threshold = (0u - range) % range;
            while ((uint)product < threshold)
                product = (NextUInt64() >> 32) * range;
        }

        return (int)(product >> 32);
    }

    /// <summary>A uniform number in [0, 1): a multiple of 2⁻²⁴.</summary>
    public float NextSingle() => (NextUInt64() >> 40) * (1f / (1 << 24));

    /// <summary>A uniform number in [0, 1): a multiple of 2⁻⁵³.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number of mean 0 and variance 1, normally distributed (polar method of Marsaglia and Bray).</summary>
    public float NextGaussian()
    {
        while (true)
        {
            double u = 2 * NextDouble() - 1;
            double v = 2 * NextDouble() - 1;
            double radius = u * u + v * v;
            if (radius is > 0 and < 1)
                return (float)(u * Math.Sqrt(-2 * Math.Log(radius) / radius));
        }
    }

    /// <summary>Shuffles in place, every order equally likely (Fisher and Yates).</summary>
    public void Shuffle(Span<int> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    internal static ulong SplitMix64(ref ulong state)
    {
        state += GoldenGamma;
        ulong z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static ulong Combine(ulong seed, ulong stream)
    {
        ulong state = SplitMix64(ref seed) + stream;
        return SplitMix64(ref state);
    }
}
