using FsCheck;
using FsCheck.Fluent;

namespace Lpom.Simd.Tests.Support;

/// <summary>Random cases of this domain, with shrinkers towards small and simple.</summary>
internal static class Arbitraries
{
    /// <summary>Floats in ±<paramref name="bound"/>: half of them small integers and eighths, where kinks are.</summary>
    public static Gen<float> FloatGen(float bound) => Gen.Frequency(
        (1, Gen.Choose(-64, 64).Select(i => Math.Clamp(i / 8f, -bound, bound))),
        (1, Gen.Choose(-1_000_000, 1_000_000).Select(i => bound * (i / 1e6f))));

    public static Arbitrary<float> Float(float bound) => Arb.From(FloatGen(bound), Simpler);

    public static Arbitrary<(float A, float B)> Pair(float bound) =>
        Arb.From(
            from a in FloatGen(bound) from b in FloatGen(bound) select (a, b),
            p => Simpler(p.Item1).Select(a => (a, p.Item2)).Concat(Simpler(p.Item2).Select(b => (p.Item1, b))));

    /// <summary>Arrays of a random length, from empty to <paramref name="maxLength"/>.</summary>
    public static Arbitrary<float[]> FloatArray(float bound, int maxLength) =>
        Arb.From(from length in Gen.Choose(0, maxLength) from items in FloatGen(bound).ArrayOf(length) select items, Simpler);

    private static IEnumerable<float> Simpler(float x)
    {
        if (x == 0f) yield break;
        yield return 0f;
        if (MathF.Truncate(x) != x) yield return MathF.Truncate(x);
        if (MathF.Abs(x) > 1e-3f) yield return x / 2f;
    }

    private static IEnumerable<float[]> Simpler(float[] x)
    {
        if (x.Length == 0) yield break;
        yield return x[..(x.Length / 2)];
        yield return x[(x.Length / 2)..];
        yield return x[1..];
        for (int i = 0; i < x.Length; i++)
        {
            foreach (float simpler in Simpler(x[i])) yield return [.. x[..i], simpler, .. x[(i + 1)..]];
        }
    }
}
