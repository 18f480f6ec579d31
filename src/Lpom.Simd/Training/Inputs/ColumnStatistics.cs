using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Training.Inputs;

/// <summary>Per column of a data set: mean, variance and reach. One pass on all threads; the result does not depend on their number.</summary>
/// <remarks>
/// Sums are those of the differences from the first row, so that a large common offset costs no digits: a block of rows in float,
/// blocks in double, part by part of the data.
/// </remarks>
internal sealed class ColumnStatistics
{
    // A block that stays in the L2 cache; parts that keep the totals small beside the data and every thread busy.
    private const int BlockFloats = 1 << 16, MostBlockRows = 64, MostParts = 64, LeastPartRows = 1024;

    private readonly float[] _first;
    private readonly float[] _lowest;
    private readonly float[] _highest;
    private readonly double[] _sums;
    private readonly double[] _squares;
    private readonly int _rows;

    /// <summary>Reads every row.</summary>
    public ColumnStatistics(KernelContext context, ISampleRows rows)
    {
        int features = rows.Features;
        _rows = rows.Rows;
        _first = new float[features];
        rows.CopyInputs(0, 1, _first, features);
        int parts = Math.Clamp(_rows / LeastPartRows, 1, MostParts);
        var totals = new Totals[parts];
        context.Run(WorkKind.Elementwise, new PartsJob(rows, _first, totals, context.Width), parts, 1);
        (_sums, _squares, _lowest, _highest) = (totals[0].Sums, totals[0].Squares, totals[0].Lowest, totals[0].Highest);
        foreach (Totals part in totals.AsSpan(1))
        {
            for (int j = 0; j < features; j++)
            {
                _sums[j] += part.Sums[j];
                _squares[j] += part.Squares[j];
                _lowest[j] = Math.Min(_lowest[j], part.Lowest[j]);
                _highest[j] = Math.Max(_highest[j], part.Highest[j]);
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

    private sealed record Totals(double[] Sums, double[] Squares, float[] Lowest, float[] Highest)
    {
        public Totals(int features)
            : this(new double[features], new double[features], new float[features], new float[features])
        {
        }
    }

    private readonly struct PartsJob(ISampleRows rows, float[] origin, Totals[] totals, SimdWidth width) : ITeamJob
    {
        public void Run(int worker, int first, int end)
        {
            int features = origin.Length;
            var block = new Matrix(Math.Clamp(BlockFloats / Math.Max(features, 1), 1, MostBlockRows), features);
            for (int part = first; part < end; part++)
                totals[part] = Part(PartStart(part), PartStart(part + 1), block);
        }

        private Totals Part(int start, int end, Matrix block)
        {
            var part = new Totals(origin.Length);
            for (int row = start; row < end; row += block.Rows)
            {
                MatrixView some = block.Top(Math.Min(block.Rows, end - row));
                for (int i = 0; i < some.Rows; i++) rows.CopyInputs(row + i, 1, some.Row(i), some.Cols);
                ColumnMoments.Add(width, some, origin, part.Sums, part.Squares, part.Lowest, part.Highest);
            }
            return part;
        }

        private int PartStart(int part) => (int)((long)rows.Rows * part / totals.Length);
    }
}
