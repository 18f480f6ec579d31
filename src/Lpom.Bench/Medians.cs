namespace Lpom.Bench;

/// <summary>The figure of repeated measurements that a busy moment does not move.</summary>
internal static class Medians
{
    /// <summary>The upper of the middle values.</summary>
    /// <param name="values">At least one; sorted in place.</param>
    public static double Of(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
