using System.Globalization;
using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Proximal;

/// <summary>
/// φ(z) = z for z ≥ 0, αz below, with the slope 0 &lt; α ≤ 1. F(x) = x²/2 for x ≥ 0, x²/(2α) below; F*(z) = z²/2 for z ≥ 0, αz²/2 below.
/// </summary>
/// <remarks>φ(z) = argminₓ f(x) + ½(x − z)², f(x) = 0 for x ≥ 0 and (1/α − 1) x²/2 below.</remarks>
public readonly struct LeakyRelu : IProximalActivation
{
    /// <summary>α of a LeakyRelu made without one.</summary>
    public const float DefaultSlope = 0.01f;

    private const int LongestSlope = 16;

    private const string DefaultName = "leaky-relu", NamePrefix = "leaky-relu-";

    // 0, no valid slope, stands for the default, so that default(LeakyRelu) is the default activation.
    private readonly float _slope;

    /// <summary>A leaky ReLU with the slope <see cref="DefaultSlope"/>.</summary>
    public LeakyRelu()
        : this(DefaultSlope)
    {
    }

    /// <summary>A leaky ReLU with the slope α = <paramref name="slope"/> on the negative side.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The slope is not in (0, 1].</exception>
    public LeakyRelu(float slope)
    {
        if (!(slope > 0f && slope <= 1f))
            throw new ArgumentOutOfRangeException(nameof(slope), slope, "The slope of a leaky ReLU must be above 0 and at most 1.");
        _slope = slope;
    }

    /// <summary>α, in (0, 1].</summary>
    public float Slope => _slope == 0f ? DefaultSlope : _slope;

    /// <summary>leaky-relu, with another slope than the default's also that: a model file must not lose it.</summary>
    public string Name => Slope == DefaultSlope ? DefaultName : NamePrefix + Slope.ToString(CultureInfo.InvariantCulture).ToLowerInvariant();

    /// <summary>The leaky ReLU of a name with a slope; false when it is no such name.</summary>
    internal static bool TryParse(string name, out LeakyRelu activation)
    {
        activation = default;
        if (!name.StartsWith(NamePrefix, StringComparison.Ordinal)) return false;
        if (!float.TryParse(name.AsSpan(NamePrefix.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out float slope)) return false;
        if (!(slope > 0f && slope <= 1f)) return false;
        activation = new LeakyRelu(slope);
        // One name for one activation.
        Span<char> digits = stackalloc char[LongestSlope];
        return slope != DefaultSlope && slope.TryFormat(digits, out int length, provider: CultureInfo.InvariantCulture)
            && name.AsSpan(NamePrefix.Length).Equals(digits[..length], StringComparison.OrdinalIgnoreCase) && !name.Contains('E', StringComparison.Ordinal);
    }

    /// <inheritdoc />
    public float Lipschitz => 1f;

    /// <inheritdoc />
    public float Lower => float.NegativeInfinity;

    /// <inheritdoc />
    public float Upper => float.PositiveInfinity;

    /// <inheritdoc />
    public float PenaltyMinimum => 0f;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Phi<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Max(TW.Multiply(TW.Broadcast(Slope), z), z);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV F<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV factor = TW.Select(TW.LessThan(x, TW.Zero), TW.Broadcast(0.5f / Slope), TW.Broadcast(0.5f));
        return TW.Multiply(factor, TW.Multiply(x, x));
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV FStar<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV factor = TW.Select(TW.LessThan(z, TW.Zero), TW.Broadcast(0.5f * Slope), TW.Broadcast(0.5f));
        return TW.Multiply(factor, TW.Multiply(z, z));
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Derivative<TW, TV>(TV z, TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.Select(TW.LessThan(TW.Zero, z), TW.Broadcast(1f), TW.Broadcast(Slope));
}
