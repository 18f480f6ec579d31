using System.Collections;

namespace Lpom.Data;

/// <summary>
/// Tells numbers from classes that are numbered, when nobody says which a target is: numbers have more than ten different values,
/// and a tenth of them are not whole, or there are many for the rows, fewer than twenty rows each, and they do not just count
/// from 0 or 1 as class numbers do.
/// </summary>
public static class TargetRule
{
    private const int MostFewValues = 10, RowsOfAClass = 20;
    private const double FractionalPart = 0.1;

    /// <summary>What targets of these values are.</summary>
    internal static TargetKind KindOf(ReadOnlySpan<double> values)
    {
        // More are many, however many.
        int most = Math.Max(MostFewValues, values.Length / RowsOfAClass);
        var different = new HashSet<double>();
        int fractional = 0;
        foreach (double value in values)
        {
            if (different.Count <= most)
                different.Add(value);
            fractional += Math.Floor(value) == value ? 0 : 1;
        }

        if (different.Count <= MostFewValues)
            return TargetKind.Classes;
        if (fractional > FractionalPart * values.Length)
            return TargetKind.Numbers;
        return (long)different.Count * RowsOfAClass > values.Length && !Counts(values) ? TargetKind.Numbers : TargetKind.Classes;
    }

    private static bool Counts(ReadOnlySpan<double> values)
    {
        var seen = new BitArray(values.Length + 1);
        int different = 0;
        double most = 0;
        foreach (double value in values)
        {
            if (!(value >= 0 && value <= values.Length && Math.Floor(value) == value))
                return false;
            different += seen[(int)value] ? 0 : 1;
            seen[(int)value] = true;
            most = Math.Max(most, value);
        }

        return different == most + (seen[0] ? 1 : 0);
    }
}
