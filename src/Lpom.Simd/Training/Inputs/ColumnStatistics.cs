using System.Numerics.Tensors;

namespace Lpom.Simd.Training.Inputs;

/// <summary>Per column of a data set: mean, variance and reach; over all of it: the mean square. One pass, in double.</summary>
/// <remarks>
/// Sums are those of the differences from the first row, so that a large common offset costs no digits: a block of rows in float,
/// blocks in double.
/// </remarks>
internal sealed class ColumnStatistics
{
    private const int BlockRows = 64;

    private readonly float[] _first;
    private readonly float[] _lowest;
    private readonly float[] _highest;
    private readonly double[] _sums;
    private readonly double[] _squares;
    private readonly int _rows;

    /// <summary>Reads every row.</summary>
    public ColumnStatistics(ISampleRows rows)
    {
        int features = rows.Features;
        _rows = rows.Rows;
        (_first, _lowest, _highest) = (new float[features], new float[features], new float[features]);
        (_sums, _squares) = (new double[features], new double[features]);
        rows.CopyInputs(0, 1, _first, features);
        float[] block = new float[checked(BlockRows * features)];
        float[] sums = new float[features], squares = new float[features];
        for (int first = 0; first < _rows; first += BlockRows)
        {
            int count = Math.Min(BlockRows, _rows - first);
            rows.CopyInputs(first, count, block, features);
            Array.Clear(sums);
            Array.Clear(squares);
            for (int row = 0; row < count; row++) Add(block.AsSpan(row * features, features), sums, squares);
            for (int col = 0; col < features; col++)
            {
                _sums[col] += sums[col];
                _squares[col] += squares[col];
            }
        }
    }

    /// <summary>The number of columns.</summary>
    public int Features => _first.Length;

    /// <summary>m_j.</summary>
    public double Mean(int column) => _first[column] + (_sums[column] / _rows);

    /// <summary>The mean of (x_j − m_j)².</summary>
    public double Variance(int column)
    {
        double shift = _sums[column] / _rows;
        return Math.Max(0, (_squares[column] / _rows) - (shift * shift));
    }

    /// <summary>R_j = max |x_j − m_j|.</summary>
    public double Reach(int column)
    {
        double shift = _sums[column] / _rows;
        return Math.Max(_highest[column] - shift, shift - _lowest[column]);
    }

    private void Add(Span<float> row, Span<float> sums, Span<float> squares)
    {
        TensorPrimitives.Subtract(row, _first, row);
        TensorPrimitives.Add(sums, row, sums);
        TensorPrimitives.MultiplyAdd(row, row, squares, squares);
        TensorPrimitives.Min(_lowest, row, _lowest);
        TensorPrimitives.Max(_highest, row, _highest);
    }
}
