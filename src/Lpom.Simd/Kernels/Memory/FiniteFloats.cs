namespace Lpom.Simd.Kernels.Memory;

/// <summary>Finds what is not a number where numbers are expected.</summary>
internal static class FiniteFloats
{
    /// <summary>The place of the first value that is not finite; −1 when all are.</summary>
    public static int IndexOfNotFinite(this ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i])) return i;
        }
        return -1;
    }
}
