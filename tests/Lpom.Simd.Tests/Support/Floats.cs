namespace Lpom.Simd.Tests.Support;

/// <summary>Arguments to try functions on.</summary>
internal static class Floats
{
    /// <summary>Zeros, ones, the ends of the normal and denormal ranges, infinities and NaNs.</summary>
    public static readonly float[] Special =
    [
        0f, -0f, 1f, -1f, float.Epsilon, -float.Epsilon, 1.17549421e-38f, -1.17549421e-38f, 1.17549435e-38f, -1.17549435e-38f,
        float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN, -float.NaN, 0.99999994f, -0.99999994f,
        1.00000012f, -1.00000012f,
    ];

    /// <summary>Evenly spaced, ends included.</summary>
    public static float[] Grid(double low, double high, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (float)(low + ((high - low) * i / (count - 1))))];

    /// <summary>Sixteen fractions of every exponent in the range, with both signs when the range has both.</summary>
    public static float[] EveryExponent(float low, float high) =>
    [
        .. from exponent in Enumerable.Range(-149, 277)
           from fraction in Enumerable.Range(0, 16)
           from sign in new[] { 1, -1 }
           let x = (float)(sign * Math.ScaleB(1 + (fraction / 16.0), exponent))
           where x >= low && x <= high
           select x,
    ];

    /// <summary>A repeatable filling without structure, within ±<paramref name="scale"/>.</summary>
    public static float[] Random(int count, int seed, float scale = 1f)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => scale * ((2f * random.NextSingle()) - 1f))];
    }
}
