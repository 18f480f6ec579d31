using System.Numerics.Tensors;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Model;

/// <summary>
/// Bounds that a network clips its inputs to before the first layer: a network trained on standardised columns has never seen values
/// far outside of them. Immutable.
/// </summary>
public sealed class InputBounds
{
    private readonly float[] _lower;
    private readonly float[] _upper;

    /// <summary>Copies the bounds.</summary>
    /// <param name="lower">The least value of each input, finite.</param>
    /// <param name="upper">The largest value of each input, finite, not below the least.</param>
    /// <exception cref="ArgumentException">Other lengths, no bounds, or bounds that are not finite or not in order.</exception>
    public InputBounds(ReadOnlySpan<float> lower, ReadOnlySpan<float> upper)
    {
        if (lower.IsEmpty || lower.Length != upper.Length)
            throw new ArgumentException($"There are {lower.Length} lower and {upper.Length} upper bounds.", nameof(upper));
        for (int i = 0; i < lower.Length; i++)
        {
            if (!float.IsFinite(lower[i]) || !float.IsFinite(upper[i]) || lower[i] > upper[i])
                throw new ArgumentException($"The bounds {lower[i]} and {upper[i]} of input {i} are not finite and in order.", nameof(upper));
        }
        _lower = lower.ToArray();
        _upper = upper.ToArray();
    }

    /// <summary>The least value of each input.</summary>
    public ReadOnlySpan<float> Lower => _lower;

    /// <summary>The largest value of each input.</summary>
    public ReadOnlySpan<float> Upper => _upper;

    /// <summary>The bounds of raw values that come to these as raw ∘ factors + offsets; where a factor is 0, every value's.</summary>
    internal InputBounds Unfold(ReadOnlySpan<float> factors, ReadOnlySpan<float> offsets)
    {
        float[] lower = new float[factors.Length], upper = new float[factors.Length];
        for (int j = 0; j < factors.Length; j++)
        {
            (float least, float largest) = factors[j] < 0 ? (_upper[j], _lower[j]) : (_lower[j], _upper[j]);
            lower[j] = factors[j] == 0 ? float.MinValue : Math.Max(float.MinValue, (least - offsets[j]) / factors[j]);
            upper[j] = factors[j] == 0 ? float.MaxValue : Math.Min(float.MaxValue, (largest - offsets[j]) / factors[j]);
        }
        return new InputBounds(lower, upper);
    }

    /// <summary>Clips rows; a NaN stays a NaN.</summary>
    internal void Clip(ReadOnlyMatrixView x, MatrixView result)
    {
        for (int row = 0; row < x.Rows; row++)
        {
            Span<float> clipped = result.Row(row);
            TensorPrimitives.Max(x.Row(row), _lower, clipped);
            TensorPrimitives.Min(clipped, _upper, clipped);
        }
    }
}
