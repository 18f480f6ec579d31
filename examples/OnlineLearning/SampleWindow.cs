using Lpom.Simd.Training.Inputs;

namespace Lpom.Examples;

/// <summary>The newest samples of a stream, for the thread that learns.</summary>
internal sealed class SampleWindow(int capacity, int inputs) : ISampleRows
{
    private readonly float[] _inputs = new float[capacity * inputs];
    private readonly int[] _labels = new int[capacity];
    private long _added;

    public int Rows => (int)Math.Min(_added, capacity);

    public int Features => inputs;

    /// <summary>Adds the samples that have come; the oldest make room.</summary>
    /// <returns>How many.</returns>
    public int AddFrom(SampleQueue queue)
    {
        int count = 0;
        while (count < capacity && queue.TryTake(Row((int)(_added % capacity)), ref _labels[(int)(_added % capacity)]))
        {
            _added++;
            count++;
        }
        return count;
    }

    public int Label(int row) => _labels[row];

    public void CopyInputs(int firstRow, int count, Span<float> destination, int stride)
    {
        for (int i = 0; i < count; i++) Row(firstRow + i).CopyTo(destination[(i * stride)..]);
    }

    private Span<float> Row(int row) => _inputs.AsSpan(row * inputs, inputs);
}
