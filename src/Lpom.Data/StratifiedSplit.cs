namespace Lpom.Data;

/// <summary>The rule that divides data without a test part of its own: in file order, every fifth row of each class is test; of rows with numbers every fifth.</summary>
public static class StratifiedSplit
{
    /// <summary>The rule's name, as <see cref="Dataset.SplitRule"/> and a model's metadata keep it.</summary>
    public const string Rule = "every fifth row of a class in file order is test";

    private const int Period = 5;

    /// <summary>Divides rows by their labels: rows 5, 10, 15 … of a class, counted from 1, are test; both lists keep file order.</summary>
    internal static (int[] Train, int[] Test) Divide(ReadOnlySpan<int> labels, int classes)
    {
        var seen = new int[classes];
        foreach (int label in labels)
            seen[label]++;
        int[] test = new int[seen.Sum(count => count / Period)], train = new int[labels.Length - test.Length];
        Array.Clear(seen);
        int tests = 0;
        for (int row = 0; row < labels.Length; row++)
        {
            if (++seen[labels[row]] % Period == 0)
                test[tests++] = row;
            else
                train[row - tests] = row;
        }

        return (train, test);
    }

    /// <summary>Row numbers of a view: those left, and <paramref name="rows"/> evenly spaced in the view's rows when these are sorted by class, or by the first of their numbers. Both lists keep the view's order.</summary>
    internal static (int[] Left, int[] Held) HoldOut(DataView view, int rows)
    {
        int[] sorted = Enumerable.Range(0, view.Rows).OrderBy(row => view.Targets == TargetKind.Classes ? view.Label(row) : view.Numbers(row)[0]).ToArray();
        var isHeld = new bool[view.Rows];
        for (int i = 0; i < rows; i++)
            isHeld[sorted[(2L * i + 1) * view.Rows / (2L * rows)]] = true;
        ILookup<bool, int> parts = Enumerable.Range(0, view.Rows).ToLookup(row => isHeld[row]);
        return (parts[false].ToArray(), parts[true].ToArray());
    }
}
