namespace Lpom.Examples;

/// <summary>Labelled samples on their way from the thread that predicts to the one that learns. Never waits, and allocates nothing once made.</summary>
/// <remarks>One thread adds, one takes. When it is full the sample that is added is lost: learning never holds up predicting.</remarks>
internal sealed class SampleQueue(int capacity, int inputs)
{
    private readonly float[] _inputs = new float[capacity * inputs];
    private readonly int[] _labels = new int[capacity];
    private long _added, _taken;

    /// <summary>Adds a sample, if there is room.</summary>
    public bool TryAdd(ReadOnlySpan<float> sample, int label)
    {
        long added = _added;
        if (added - Volatile.Read(ref _taken) == capacity) return false;
        int slot = (int)(added % capacity);
        sample.CopyTo(_inputs.AsSpan(slot * inputs, inputs));
        _labels[slot] = label;
        Volatile.Write(ref _added, added + 1);
        return true;
    }

    /// <summary>Takes the oldest sample, if there is one; else nothing is changed.</summary>
    public bool TryTake(Span<float> sample, ref int label)
    {
        long taken = _taken;
        if (taken == Volatile.Read(ref _added)) return false;
        int slot = (int)(taken % capacity);
        _inputs.AsSpan(slot * inputs, inputs).CopyTo(sample);
        label = _labels[slot];
        Volatile.Write(ref _taken, taken + 1);
        return true;
    }
}
