namespace Lpom.Data;

/// <summary>Finds what the user may have meant.</summary>
public static class NearestName
{
    private const int FarthestEdits = 3;

    /// <summary>The known name that needs the fewest edits, when they are few for its length; else null.</summary>
    public static string? Find(string text, IEnumerable<string> known)
    {
        string lower = text.ToLowerInvariant();
        string? nearest = null;
        int fewest = int.MaxValue;
        foreach (string name in known)
        {
            int edits = name.StartsWith(lower, StringComparison.Ordinal) && lower.Length > 2 ? 1 : Edits(lower, name);
            if (edits < fewest && edits <= Math.Min(FarthestEdits, (name.Length + 1) / 2))
                (nearest, fewest) = (name, edits);
        }

        return nearest;
    }

    /// <summary>", did you mean 'tanh'?" or nothing.</summary>
    public static string Hint(string text, IEnumerable<string> known) =>
        Find(text, known) is string nearest ? $", did you mean '{nearest}'?" : "";

    /// <summary>Insertions, deletions and replacements that make one text of the other (Levenshtein).</summary>
    private static int Edits(string a, string b)
    {
        int[] row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
