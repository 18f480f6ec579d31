using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Lpom.Simd.Model;

/// <summary>The metadata keys that a network itself writes and reads.</summary>
internal static class ModelMetadata
{
    public const string FormatKey = "format";
    public const string LayersKey = "layers";
    public const string ActivationsKey = "activations";
    public const string LossKey = "loss";

    public const string LowerName = "inputs.lower";
    public const string UpperName = "inputs.upper";

    /// <summary>Raised when a reader of the old version would misread the new.</summary>
    public const string Format = "lpom-1";

    /// <summary>Entries of a file at most: one of a few bytes is some hundred in memory.</summary>
    public const int MostEntries = 1000;

    private const int LongestName = 32;

    public static IEnumerable<KeyValuePair<string, string>> Of(Network network) =>
    [
        new(FormatKey, Format),
        new(LayersKey, network.Shape),
        new(ActivationsKey, string.Join(',', network.Layers.Select(l => l.Activation.Name))),
        new(LossKey, network.Loss.Name()),
    ];

    public static string WeightName(int layer) => string.Create(CultureInfo.InvariantCulture, $"layers.{layer}.weight");

    public static string BiasName(int layer) => string.Create(CultureInfo.InvariantCulture, $"layers.{layer}.bias");

    /// <summary>The tensor of a layer's weights, without making its name: the file's is there, and strings were most of a small layer's memory.</summary>
    public static bool TryFindWeight(Safetensors file, int layer, [NotNullWhen(true)] out string? name, out Safetensors.Tensor tensor)
    {
        Span<char> text = stackalloc char[LongestName];
        text.TryWrite(CultureInfo.InvariantCulture, $"layers.{layer}.weight", out int length);
        return file.TryFind(text[..length], out name, out tensor);
    }

    /// <summary>The same of its biases.</summary>
    public static bool TryFindBias(Safetensors file, int layer, [NotNullWhen(true)] out string? name, out Safetensors.Tensor tensor)
    {
        Span<char> text = stackalloc char[LongestName];
        text.TryWrite(CultureInfo.InvariantCulture, $"layers.{layer}.bias", out int length);
        return file.TryFind(text[..length], out name, out tensor);
    }
}
