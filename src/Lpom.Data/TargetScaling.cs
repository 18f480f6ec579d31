using Lpom.Simd.Model;

namespace Lpom.Data;

/// <summary>
/// Numbers as a network is trained to give them: each less its mean over the training rows, divided by its deviation. Folded into the
/// output layer once a network is trained, so that it gives the numbers themselves. Immutable.
/// </summary>
public sealed class TargetScaling
{
    private readonly float[] _means;
    private readonly float[] _deviations;

    private TargetScaling(float[] means, float[] deviations)
    {
        _means = means;
        _deviations = deviations;
    }

    /// <summary>Chooses it by the rows.</summary>
    /// <param name="rows">The training rows, at least one, with numbers.</param>
    /// <exception cref="InvalidOperationException">The rows have classes.</exception>
    public static TargetScaling Fit(DataView rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        int count = rows.Numbers(0).Length;
        double[] means = new double[count], squares = new double[count];
        for (int row = 0; row < rows.Rows; row++)
        {
            for (int i = 0; i < count; i++)
                means[i] += rows.Numbers(row)[i] / (double)rows.Rows;
        }

        for (int row = 0; row < rows.Rows; row++)
        {
            for (int i = 0; i < count; i++)
                squares[i] += (rows.Numbers(row)[i] - means[i]) * (rows.Numbers(row)[i] - means[i]) / rows.Rows;
        }

        // A number that never differs is learnt as its mean.
        float[] deviations = Array.ConvertAll(squares, square => square > 0 && float.IsFinite((float)Math.Sqrt(square)) ? (float)Math.Sqrt(square) : 1);
        return new TargetScaling(Array.ConvertAll(means, mean => (float)mean), deviations);
    }

    /// <summary>Scales the numbers of a row.</summary>
    /// <param name="numbers">As in the data.</param>
    /// <param name="scaled">Of the same length, overwritten.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public void Apply(ReadOnlySpan<float> numbers, Span<float> scaled)
    {
        if (numbers.Length != _means.Length || scaled.Length != _means.Length)
            throw new ArgumentException($"{numbers.Length} numbers are to be scaled to {scaled.Length}; expected {_means.Length}.", nameof(numbers));
        // The difference of numbers near the end of float32 is beyond it.
        for (int i = 0; i < numbers.Length; i++)
            scaled[i] = (float)(((double)numbers[i] - _means[i]) / _deviations[i]);
    }

    /// <summary>The network that gives the numbers themselves where <paramref name="network"/> gives scaled ones.</summary>
    /// <exception cref="ArgumentException">Another number of outputs, or an output layer that is not linear.</exception>
    public Network FoldInto(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.FoldOutputs(_deviations, _means);
    }
}
