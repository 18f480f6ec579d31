using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text.Json;
using Lpom.Simd.Model;

namespace Lpom.Data;

/// <summary>
/// How raw values become network inputs: x = raw · scale − offset, of the value's channel. A row of C channels is C blocks of
/// equal length, so C = 1 for grey images, 3 for CIFAR-10, and a table's channels are its columns. Immutable.
/// </summary>
/// <remarks>
/// A product and a difference, each rounded to float32, never fused: bytes and floats of the same value give the same
/// bits, in training, in prediction and in other languages.
/// </remarks>
public sealed class Preprocessing
{
    private const string ScaleKey = "input-scale", OffsetsKey = "input-offsets";

    private readonly float[] _scales;
    private readonly float[] _offsets;

    /// <summary>Creates x = raw · scale − offsets[channel].</summary>
    /// <param name="scale">Finite and not 0.</param>
    /// <param name="offsets">One finite value a channel; at least one.</param>
    /// <exception cref="ArgumentException">A value is not finite, the scale is 0 or there is no offset.</exception>
    public Preprocessing(float scale, params ReadOnlySpan<float> offsets) : this(Repeat(scale, offsets.Length), offsets)
    {
    }

    /// <summary>Creates x = raw · scales[channel] − offsets[channel].</summary>
    /// <param name="scales">One value a channel, finite and not 0.</param>
    /// <param name="offsets">One finite value a channel; at least one.</param>
    /// <exception cref="ArgumentException">A value is not finite, a scale is 0, there is no offset, or there are not as many scales.</exception>
    public Preprocessing(ReadOnlySpan<float> scales, ReadOnlySpan<float> offsets)
    {
        foreach (float scale in scales)
        {
            if (!float.IsFinite(scale) || scale == 0)
                throw new ArgumentException($"A scale is {scale}; expected a finite number other than 0.", nameof(scales));
        }

        if (offsets.IsEmpty || scales.Length != offsets.Length)
            throw new ArgumentException($"There are {scales.Length} scales and {offsets.Length} offsets; expected one of each a channel.", nameof(offsets));
        foreach (float offset in offsets)
        {
            if (!float.IsFinite(offset))
                throw new ArgumentException($"An offset is {offset}; expected finite numbers.", nameof(offsets));
        }

        _scales = scales.ToArray();
        _offsets = offsets.ToArray();
    }

    /// <summary>x = raw.</summary>
    public static Preprocessing Identity { get; } = new(1f, 0f);

    /// <summary>x = raw / 255: the usual scaling of grey images.</summary>
    public static Preprocessing UnitPixels { get; } = new(1f / 255f, 0f);

    /// <summary>Whether inputs are the raw values.</summary>
    public bool IsIdentity => !_scales.AsSpan().ContainsAnyExcept(1f) && !_offsets.AsSpan().ContainsAnyExcept(0f);

    /// <summary>The factor of the raw values, one value a channel.</summary>
    public ReadOnlyMemory<float> Scales => _scales;

    /// <summary>What is subtracted after scaling, one value a channel.</summary>
    public ReadOnlyMemory<float> Offsets => _offsets;

    /// <summary>How raw values become a model's inputs, by its metadata; null when that does not say.</summary>
    /// <exception cref="ModelFormatException">The metadata's values are not what they should be.</exception>
    public static Preprocessing? Of(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (!network.Metadata.TryGetValue(ScaleKey, out string? scaleText))
            return null;
        float[] offsets = network.Metadata.TryGetValue(OffsetsKey, out string? text) ? Numbers(text, OffsetsKey) : [0f];
        if (offsets.Length == 0 || network.Inputs % offsets.Length != 0)
            throw new ModelFormatException($"metadata '{OffsetsKey}' has {offsets.Length} values, expected a divisor of the {network.Inputs} inputs");
        try
        {
            return new Preprocessing(ScalesOf(scaleText, offsets.Length), offsets);
        }
        catch (ArgumentException e)
        {
            throw new ModelFormatException($"metadata '{ScaleKey}' or '{OffsetsKey}': {e.Message}", e);
        }
    }

    /// <summary>What <see cref="Of"/> reads.</summary>
    public IEnumerable<KeyValuePair<string, string>> Metadata =>
    [
        new(ScaleKey, HasOneScale ? Number(_scales[0]) : ArrayOf(_scales)),
        new(OffsetsKey, ArrayOf(_offsets)),
    ];

    private bool HasOneScale => !_scales.AsSpan().ContainsAnyExcept(_scales[0]);

    /// <summary>
    /// The network that takes raw values, bytes or floats, and does what <paramref name="network"/> does on <see cref="Apply(ReadOnlySpan{float}, Span{float})"/> of them,
    /// but for rounding. Its metadata says so.
    /// </summary>
    /// <exception cref="ArgumentException">A number of inputs that is no multiple of the channels, or weights that are not finite once folded.</exception>
    public Network FoldInto(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        int pixels = PixelsPerChannel(network.Inputs, network.Inputs);
        float[] factors = new float[network.Inputs], offsets = new float[network.Inputs];
        for (int i = 0; i < offsets.Length; i++)
            (factors[i], offsets[i]) = (_scales[i / pixels], -_offsets[i / pixels]);
        return network.FoldInputs(factors, offsets).WithMetadata(Identity.Metadata);
    }

    /// <summary>The network that gives raw values where <paramref name="network"/>, an autoencoder, gives inputs: what <see cref="Undo"/> makes of them, but for rounding.</summary>
    /// <exception cref="ArgumentException">
    /// A number of outputs that is no multiple of the channels, an output layer that is not linear, or weights that are not finite once folded.
    /// </exception>
    public Network FoldIntoOutput(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        int pixels = PixelsPerChannel(network.Outputs, network.Outputs);
        float[] factors = new float[network.Outputs], offsets = new float[network.Outputs];
        for (int i = 0; i < offsets.Length; i++)
            (factors[i], offsets[i]) = (1 / _scales[i / pixels], _offsets[i / pixels] / _scales[i / pixels]);
        return network.FoldOutputs(factors, offsets);
    }

    /// <summary>Converts one row of bytes.</summary>
    /// <param name="raw">[features].</param>
    /// <param name="row">[features], overwritten.</param>
    /// <exception cref="ArgumentException">The lengths differ or are no multiple of the channels.</exception>
    public void Apply(ReadOnlySpan<byte> raw, Span<float> row)
    {
        int pixels = PixelsPerChannel(raw.Length, row.Length);
        for (int channel = 0; channel < _offsets.Length; channel++)
            Convert(raw.Slice(channel * pixels, pixels), row.Slice(channel * pixels, pixels), _scales[channel], _offsets[channel]);
    }

    /// <summary>Converts one row of floats.</summary>
    /// <param name="raw">[features].</param>
    /// <param name="row">[features], overwritten; may be the same memory as <paramref name="raw"/>.</param>
    /// <exception cref="ArgumentException">The lengths differ or are no multiple of the channels.</exception>
    public void Apply(ReadOnlySpan<float> raw, Span<float> row)
    {
        int pixels = PixelsPerChannel(raw.Length, row.Length);
        if (pixels == 1)
        {
            TensorPrimitives.Multiply(raw, _scales, row);
            TensorPrimitives.Subtract(row, _offsets, row);
            return;
        }

        for (int channel = 0; channel < _offsets.Length; channel++)
            Convert(raw.Slice(channel * pixels, pixels), row.Slice(channel * pixels, pixels), _scales[channel], _offsets[channel]);
    }

    /// <summary>The raw values of one row of inputs: raw = (x + offset) / scale, of its channel.</summary>
    /// <param name="row">[features], overwritten.</param>
    /// <exception cref="ArgumentException">The length is no multiple of the channels.</exception>
    public void Undo(Span<float> row)
    {
        int pixels = PixelsPerChannel(row.Length, row.Length);
        for (int i = 0; i < row.Length; i++)
            row[i] = (row[i] + _offsets[i / pixels]) / _scales[i / pixels];
    }

    private static string Number(float value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string ArrayOf(float[] values) => $"[{string.Join(',', values.Select(Number))}]";

    private static float[] Repeat(float value, int count)
    {
        var values = new float[count];
        values.AsSpan().Fill(value);
        return values;
    }

    // One number is that of all channels.
    private static float[] ScalesOf(string text, int channels)
    {
        if (text.StartsWith('['))
            return Numbers(text, ScaleKey);
        return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float scale)
            ? Repeat(scale, channels)
            : throw new ModelFormatException($"metadata '{ScaleKey}' is '{text}', expected a number");
    }

    private static float[] Numbers(string text, string key)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return [.. document.RootElement.EnumerateArray().Select(static item => item.GetSingle())];
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new ModelFormatException($"metadata '{key}' is not an array of numbers in JSON", e);
        }
    }

    private int PixelsPerChannel(int raw, int row)
    {
        if (raw != row)
            throw new ArgumentException($"The raw row has {raw} values and the row {row}; expected the same number.", nameof(row));
        if (raw % _offsets.Length != 0)
            throw new ArgumentException($"A row of {raw} values has not {_offsets.Length} channels of equal length.", nameof(raw));
        return raw / _offsets.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Convert(ReadOnlySpan<byte> raw, Span<float> row, float scale, float offset)
    {
        var s = Vector256.Create(scale);
        var o = Vector256.Create(offset);
        int i = 0;
        for (; i + Vector256<byte>.Count <= raw.Length; i += Vector256<byte>.Count)
        {
            (Vector256<ushort> low, Vector256<ushort> high) = Vector256.Widen(Vector256.Create(raw.Slice(i, Vector256<byte>.Count)));
            (Vector256<uint> a, Vector256<uint> b) = Vector256.Widen(low);
            (Vector256<uint> c, Vector256<uint> d) = Vector256.Widen(high);
            Span<float> target = row.Slice(i, Vector256<byte>.Count);
            (Vector256.ConvertToSingle(a.AsInt32()) * s - o).CopyTo(target);
            (Vector256.ConvertToSingle(b.AsInt32()) * s - o).CopyTo(target[8..]);
            (Vector256.ConvertToSingle(c.AsInt32()) * s - o).CopyTo(target[16..]);
            (Vector256.ConvertToSingle(d.AsInt32()) * s - o).CopyTo(target[24..]);
        }

        for (; i < raw.Length; i++)
            row[i] = raw[i] * scale - offset;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Convert(ReadOnlySpan<float> raw, Span<float> row, float scale, float offset)
    {
        var s = Vector256.Create(scale);
        var o = Vector256.Create(offset);
        int i = 0;
        for (; i + Vector256<float>.Count <= raw.Length; i += Vector256<float>.Count)
            (Vector256.Create(raw.Slice(i, Vector256<float>.Count)) * s - o).CopyTo(row[i..]);
        for (; i < raw.Length; i++)
            row[i] = raw[i] * scale - offset;
    }
}
