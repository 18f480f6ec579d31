using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Model;

namespace Lpom.Simd.Training.Inputs;

/// <summary>
/// STAGE 0: x ↦ (x − c) ∘ f, chosen by the training rows alone so that the root mean square of all of them is <see cref="TargetRms"/>.
/// An affine map, which is folded into the first layer's weights once a network is trained.
/// </summary>
/// <remarks>
/// By column where the columns' scales are wild (the largest reach over 30 times the median one), else centred by column where the
/// offset is large (mean square over 5 times the variance), else one factor for everything. Constant columns carry nothing, and are
/// multiplied by zero where columns have factors of their own, unless rows to come may differ from those that choose the map.
/// </remarks>
public sealed class InputScaling
{
    /// <summary>The root mean square of the scaled training rows.</summary>
    public const float TargetRms = 0.33f;

    private const double WildReach = 30, LargeOffset = 5, LeastReach = 1e-6, LeastDeviation = 0.1;

    // Standardised, unseen rows may lie anywhere.
    private const double ClipDeviations = 30;

    private readonly float[] _factors;
    private readonly float[] _offsets;
    private readonly float[] _means;

    private InputScaling(ColumnStatistics columns, float[] factors, float[] offsets, float clip)
    {
        _means = [.. Enumerable.Range(0, columns.Features).Select(j => (float)columns.Mean(j))];
        _factors = factors;
        _offsets = offsets;
        Clip = clip;
    }

    /// <summary>Bound of a scaled value: +∞ unless columns are standardised. No training row reaches it.</summary>
    public float Clip { get; }

    /// <summary>Number of values of a row.</summary>
    public int Features => _factors.Length;

    /// <summary>Whether every column has a factor of its own.</summary>
    public bool IsByColumn => !float.IsPositiveInfinity(Clip);

    /// <summary>Chooses the map by the rows.</summary>
    /// <exception cref="ArgumentException">Every row is the same, or values are not finite, too large or too small to scale.</exception>
    /// <param name="rows">The training rows, at least one; each is read once.</param>
    /// <param name="threads">Threads; 0 for one per processor. The result does not depend on it.</param>
    public static InputScaling Fit(ISampleRows rows, int threads = 0) =>
        Fit(rows, threads, keepsConstants: false);

    /// <summary>The same for rows that are a sample of others to come, in which constant columns may not be constant: such as a text that is rare.</summary>
    internal static InputScaling FitSample(ISampleRows rows, int threads) =>
        Fit(rows, threads, keepsConstants: true);

    private static InputScaling Fit(ISampleRows rows, int threads, bool keepsConstants)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var context = new KernelContext(threads);
        InputScaling scaling = Choose(new ColumnStatistics(context, rows), keepsConstants, nameof(rows));
        return scaling.IsFinite ? scaling : throw new ArgumentException("The rows hold values too small to scale.", nameof(rows));
    }

    /// <summary>Scales a row.</summary>
    /// <param name="row">[Features], overwritten.</param>
    public void Apply(Span<float> row) =>
        Apply(SimdLevel.Current, row);

    /// <summary>The same at a vector width; it changes no bit.</summary>
    internal void Apply(SimdWidth width, Span<float> row) => Map.TernaryRow(width, new ScaleStep(Clip), row, _factors, _offsets, row);

    /// <summary>The network on raw rows that does what <paramref name="network"/> does on scaled ones, clipped as <see cref="Clip"/> says.</summary>
    public Network FoldInto(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        Layer folded = network.Layers[0].FoldInputs(_factors, _offsets);
        return new Network([folded, .. network.Layers.Skip(1)], network.Loss, network.Metadata, Bounds());
    }

    /// <summary>The network that gives raw rows where <paramref name="network"/>, an autoencoder, gives scaled ones; constant columns come out as they are.</summary>
    public Network FoldIntoOutput(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        float[] factors = Array.ConvertAll(_factors, factor => factor == 0 ? 0 : 1 / factor);
        float[] offsets = [.. _offsets.Select((offset, j) => factors[j] == 0 ? _means[j] : -offset * factors[j])];
        return network.FoldOutputs(factors, offsets);
    }

    /// <summary>The inverse of <see cref="FoldInto"/>: weights [outputs × (Features + 1)] on raw rows, the bias last, become those on scaled ones.</summary>
    internal void Unfold(MatrixView weights)
    {
        for (int unit = 0; unit < weights.Rows; unit++)
        {
            Span<float> row = weights.Row(unit);
            double bias = row[^1];
            for (int j = 0; j < _factors.Length; j++)
            {
                // What a column that is left out brought in as long as it was constant.
                if (_factors[j] == 0) bias += (double)row[j] * _means[j];
                row[j] = _factors[j] == 0 ? 0 : row[j] / _factors[j];
                bias -= (double)row[j] * _offsets[j];
            }
            row[^1] = (float)bias;
        }
    }

    private bool IsFinite => Array.TrueForAll(_factors, float.IsFinite) && Array.TrueForAll(_offsets, float.IsFinite);

    private static InputScaling Choose(ColumnStatistics columns, bool keepsConstants, string rows)
    {
        int features = columns.Features;
        double variance = 0, square = 0;
        double[] alive = [.. Enumerable.Range(0, features).Where(j => IsAlive(columns, j)).Select(columns.Reach).Order()];
        for (int j = 0; j < features; j++)
        {
            variance += columns.Variance(j) / features;
            square += (columns.Variance(j) + (columns.Mean(j) * columns.Mean(j))) / features;
        }
        if (!double.IsFinite(square)) throw new ArgumentException("The rows hold values that are not finite, or too large to square.", rows);
        if (alive.Length == 0) throw new ArgumentException("Every row is the same: there is nothing to learn from.", rows);
        if (alive[^1] > WildReach * Median(alive)) return Standardised(columns, keepsConstants);
        return square > LargeOffset * variance
            ? Uniform(columns, TargetRms / Math.Sqrt(variance), isCentred: true)
            : Uniform(columns, TargetRms / Math.Sqrt(square), isCentred: false);
    }

    // The raw values that scaling takes to ±Clip: a clip cannot be folded into weights.
    private InputBounds? Bounds()
    {
        if (!IsByColumn) return null;
        float[] bound = new float[Features], negative = new float[Features];
        Array.Fill(bound, Clip);
        Array.Fill(negative, -Clip);
        return new InputBounds(negative, bound).Unfold(_factors, _offsets);
    }

    private static InputScaling Standardised(ColumnStatistics columns, bool keepsConstants)
    {
        int features = columns.Features;
        double[] inverses = new double[features];
        double square = 0;
        for (int j = 0; j < features; j++)
        {
            if (!IsAlive(columns, j))
            {
                if (keepsConstants) inverses[j] = 1 / SizeOfConstant(columns.Mean(j));
                continue;
            }
            inverses[j] = 1 / Math.Max(Math.Sqrt(columns.Variance(j)), LeastDeviation * columns.Reach(j));
            square += columns.Variance(j) * inverses[j] * inverses[j] / features;
        }
        double factor = TargetRms / Math.Sqrt(square);
        float[] factors = new float[features], offsets = new float[features];
        for (int j = 0; j < features; j++)
        {
            factors[j] = (float)(inverses[j] * factor);
            offsets[j] = (float)(-columns.Mean(j) * factors[j]);
        }
        return new InputScaling(columns, factors, offsets, (float)(ClipDeviations * factor));
    }

    private static InputScaling Uniform(ColumnStatistics columns, double factor, bool isCentred)
    {
        float[] factors = new float[columns.Features], offsets = new float[columns.Features];
        factors.AsSpan().Fill((float)factor);
        if (isCentred)
        {
            for (int j = 0; j < offsets.Length; j++) offsets[j] = (float)(-columns.Mean(j) * factors[j]);
        }
        return new InputScaling(columns, factors, offsets, float.PositiveInfinity);
    }

    // A column of one value may have a reach of its mean's rounding.
    private static bool IsAlive(ColumnStatistics columns, int column) => columns.Reach(column) > LeastReach * Math.Abs(columns.Mean(column));

    // A zero may be that of a text or a flag that is not among the rows.
    private static double SizeOfConstant(double value) => value == 0 ? 1 : Math.Abs(value);

    private static double Median(double[] ordered) =>
        (ordered[(ordered.Length - 1) / 2] + ordered[ordered.Length / 2]) / 2;
}
