namespace Lpom.Data;

/// <summary>Values of a number that only the end of a file tells, in pieces: an array that doubles leaves four times as much behind.</summary>
internal sealed class GrowingArray<T>
{
    private const int LeastPiece = 1 << 10, Growth = 4;

    private readonly List<(T[] Values, int Count)> _full = [];
    private T[] _last;
    private int _inFull, _inLast;

    /// <param name="expected">How many values there will be, if that is known: no others are allocated then.</param>
    public GrowingArray(int expected = 0) => _last = expected == 0 ? [] : GC.AllocateUninitializedArray<T>(expected);

    /// <summary>Values so far.</summary>
    public int Count => _inFull + _inLast;

    /// <summary>Adds a value.</summary>
    public void Add(T value) => Extend(1)[0] = value;

    /// <summary>Adds so many, side by side, of any content; for the caller to set, and to keep all within <see cref="Array.MaxLength"/>.</summary>
    public Span<T> Extend(int count)
    {
        if (count > _last.Length - _inLast)
            Grow(count);
        _inLast += count;
        return _last.AsSpan(_inLast - count, count);
    }

    /// <summary>All values; nothing is added any more.</summary>
    public T[] ToArray()
    {
        if (_full.Count == 0 && _inLast == _last.Length)
            return _last;
        T[] all = GC.AllocateUninitializedArray<T>(Count);
        int at = 0;
        foreach ((T[] values, int count) in _full)
        {
            values.AsSpan(0, count).CopyTo(all.AsSpan(at));
            at += count;
        }

        _last.AsSpan(0, _inLast).CopyTo(all.AsSpan(at));
        return all;
    }

    private void Grow(int count)
    {
        if (_inLast > 0)
            _full.Add((_last, _inLast));
        (_inFull, _inLast) = (Count, 0);
        _last = GC.AllocateUninitializedArray<T>(Math.Max(count, Math.Max(LeastPiece, Math.Min(_inFull / Growth, Array.MaxLength - _inFull))));
    }
}
