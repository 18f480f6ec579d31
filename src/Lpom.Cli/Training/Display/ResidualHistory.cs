namespace Lpom.Cli.Training.Display;

/// <summary>Every layer's residual over the whole run so far, in few cells: each the mean over as many steps, which double when no cell is left.</summary>
internal sealed class ResidualHistory(int layers)
{
    private const int Capacity = 64;

    private readonly double[] _cells = new double[layers * Capacity];
    private readonly double[] _sums = new double[layers];
    private readonly double[] _last = new double[layers];
    private int _count;
    private int _stepsPerCell = 1;
    private int _stepsInSums;

    public int Layers => layers;

    /// <summary>Whether there was a step.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>The last step's, by layer.</summary>
    public ReadOnlySpan<double> Last => _last;

    /// <summary>Takes in a step.</summary>
    public void Add(ReadOnlySpan<double> residuals)
    {
        residuals.CopyTo(_last);
        for (int i = 0; i < layers; i++)
            _sums[i] += residuals[i];
        if (++_stepsInSums < _stepsPerCell)
            return;
        if (_count == Capacity)
        {
            JoinPairs();
            return;
        }

        for (int i = 0; i < layers; i++)
            _cells[(i * Capacity) + _count] = _sums[i] / _stepsInSums;
        _count++;
        BeginCell();
    }

    /// <summary>A layer's residual in as many parts of the run, the oldest first.</summary>
    public void CopyTo(Span<double> parts, int layer)
    {
        ReadOnlySpan<double> cells = _cells.AsSpan(layer * Capacity, _count);
        for (int i = 0; i < parts.Length; i++)
        {
            int first = i * _count / parts.Length, end = Math.Max(first + 1, (i + 1) * _count / parts.Length);
            double sum = 0;
            foreach (double cell in cells[first..end])
                sum += cell;
            parts[i] = sum / (end - first);
        }
    }

    // The sums at hand go on as the first half of a cell.
    private void JoinPairs()
    {
        for (int i = 0; i < layers; i++)
        {
            Span<double> cells = _cells.AsSpan(i * Capacity, Capacity);
            for (int j = 0; j < Capacity / 2; j++)
                cells[j] = (cells[2 * j] + cells[(2 * j) + 1]) / 2;
        }

        _count = Capacity / 2;
        _stepsPerCell *= 2;
    }

    private void BeginCell()
    {
        _sums.AsSpan().Clear();
        _stepsInSums = 0;
    }
}
