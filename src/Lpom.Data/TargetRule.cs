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
        var different = new HashSet<double>();
        int fractional = 0;
        foreach (double value in values)
        {
            different.Add(value);
            fractional += Math.Floor(value) == value ? 0 : 1;
        }

        if (different.Count <= MostFewValues)
            return TargetKind.Classes;
        if (fractional > FractionalPart * values.Length)
            return TargetKind.Numbers;
        return (long)different.Count * RowsOfAClass > values.Length && !Counts(different) ? TargetKind.Numbers : TargetKind.Classes;
    }

    private static bool Counts(HashSet<double> values) => values.Min() is 0 or 1 && values.Max() - values.Min() == values.Count - 1;
}
