namespace Lpom.Data;

/// <summary>Texts in ordinal order, without the memory of a dictionary: a table may have a few in each of thousands of columns.</summary>
internal static class OrdinalOrder
{
    /// <summary>The index of the item of a text; the complement of where one belongs when there is none.</summary>
    /// <param name="items">In ordinal order.</param>
    /// <param name="textOf">An item's text.</param>
    /// <param name="text">What is looked for.</param>
    public static int IndexOf<T>(IReadOnlyList<T> items, Func<T, string> textOf, ReadOnlySpan<char> text)
    {
        int first = 0;
        for (int end = items.Count; first < end;)
        {
            int middle = (first + end) / 2;
            int order = text.SequenceCompareTo(textOf(items[middle]));
            if (order == 0)
                return middle;
            (first, end) = order < 0 ? (first, middle) : (middle + 1, end);
        }

        return ~first;
    }
}
