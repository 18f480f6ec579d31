namespace Lpom.Simd.Tests.Support;

/// <summary>Equality of floats bit for bit, with all NaNs alike.</summary>
internal static class Bits
{
    public static bool Same(float a, float b) =>
        BitConverter.SingleToInt32Bits(a) == BitConverter.SingleToInt32Bits(b) || (float.IsNaN(a) && float.IsNaN(b));

    public static void AssertSame(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what = "")
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!Same(expected[i], actual[i])) Assert.Fail($"{what}: element {i} is {actual[i]:R}, not {expected[i]:R}.");
        }
    }
}
