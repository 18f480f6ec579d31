using System.Collections.ObjectModel;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model.Onnx;
using Lpom.Simd.Proximal;

namespace Lpom.Simd.Model;

/// <summary>A feed-forward network. Immutable: any thread may use it at any time, without locks.</summary>
public sealed partial class Network
{
    private readonly Layer[] _layers;

    /// <summary>Joins layers into a network.</summary>
    /// <param name="layers">From the input to the output; each takes what the one before gives.</param>
    /// <param name="loss">The loss that the network is trained for.</param>
    /// <param name="metadata">Names and values kept in the model file. The network's own keys are written over.</param>
    /// <param name="inputBounds">What inputs are clipped to; null for nothing.</param>
    /// <exception cref="ArgumentException">
    /// No layers, widths or bounds that do not match, more than a thousand entries of metadata, or cross-entropy on an output layer that is not linear.
    /// </exception>
    public Network(IEnumerable<Layer> layers, Loss loss, IEnumerable<KeyValuePair<string, string>>? metadata = null, InputBounds? inputBounds = null)
    {
        ArgumentNullException.ThrowIfNull(layers);
        _layers = [.. layers];
        if (_layers.Length == 0) throw new ArgumentException("A network needs a layer.", nameof(layers));
        for (int i = 1; i < _layers.Length; i++)
        {
            if (_layers[i].Inputs != _layers[i - 1].Outputs)
                throw new ArgumentException($"Layer {i + 1} takes {_layers[i].Inputs} values, layer {i} gives {_layers[i - 1].Outputs}.", nameof(layers));
        }
        if (loss == Loss.CrossEntropy && _layers[^1].Activation is not Activation<Identity>)
            throw new ArgumentException($"Cross-entropy needs a linear output layer, not {_layers[^1].Activation.Name}.", nameof(loss));
        if (inputBounds is not null && inputBounds.Lower.Length != _layers[0].Inputs)
            throw new ArgumentException($"There are bounds for {inputBounds.Lower.Length} inputs, the network takes {_layers[0].Inputs}.", nameof(inputBounds));
        Loss = loss;
        InputBounds = inputBounds;
        Parameters = _layers.Sum(l => l.Parameters);
        WidestOutput = _layers.Max(l => l.Outputs);
        Shape = string.Join('-', _layers.Select(l => l.Inputs).Append(Outputs));
        foreach ((string key, string value) in metadata ?? []) ArgumentNullException.ThrowIfNull(value, key);
        var all = new SortedDictionary<string, string>(metadata?.ToDictionary() ?? [], StringComparer.Ordinal);
        foreach ((string key, string value) in ModelMetadata.Of(this)) all[key] = value;
        if (all.Count > ModelMetadata.MostEntries) throw new ArgumentException($"A model file keeps {ModelMetadata.MostEntries} entries of metadata, not {all.Count}.", nameof(metadata));
        Metadata = new ReadOnlyDictionary<string, string>(all);
    }

    /// <summary>The layers, from the input to the output.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>Values of a sample.</summary>
    public int Inputs => _layers[0].Inputs;

    /// <summary>Scores of a sample.</summary>
    public int Outputs => _layers[^1].Outputs;

    /// <summary>Weights and biases of all layers.</summary>
    public long Parameters { get; }

    /// <summary>The loss that the network is trained for.</summary>
    public Loss Loss { get; }

    /// <summary>What inputs are clipped to before the first layer; null for nothing.</summary>
    public InputBounds? InputBounds { get; }

    /// <summary>The widths, such as 784-300-10.</summary>
    public string Shape { get; }

    /// <summary>Names and values kept in the model file, in the order of the names; the network's own keys are among them.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    internal int WidestOutput { get; }

    /// <summary>Whether every weight and bias is a number.</summary>
    internal bool IsFinite => Array.TrueForAll(_layers, layer => layer.IsFinite);

    /// <summary>The same layers with more, or other, metadata. The network's own keys stay as they are.</summary>
    public Network WithMetadata(IEnumerable<KeyValuePair<string, string>> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var merged = new Dictionary<string, string>(Metadata);
        foreach ((string key, string value) in metadata) merged[key] = value;
        return new Network(_layers, Loss, merged, InputBounds);
    }

    /// <summary>
    /// The same network with its weights in another precision, for predictions that take less memory and time; biases, sums and
    /// activations stay float32. What the rounding costs in accuracy is to be measured on data. Saved, it is a network of float32 weights
    /// as they were rounded.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">No such precision.</exception>
    public Network WithPrecision(WeightPrecision precision)
    {
        if (!Enum.IsDefined(precision)) throw new ArgumentOutOfRangeException(nameof(precision), precision, "No such precision.");
        return new Network(_layers.Select(layer => layer.WithPrecision(precision)), Loss, Metadata, InputBounds);
    }

    /// <summary>
    /// The network on raw values that does what this one does on x = raw ∘ factors + offsets: preprocessing folded into the first layer, for
    /// inputs as they come, such as bytes. Of a network in lower precision the folded weights are rounded anew, and the bias makes up for
    /// what that does to the offsets.
    /// </summary>
    /// <param name="factors">[Inputs], finite.</param>
    /// <param name="offsets">[Inputs], finite.</param>
    /// <exception cref="ArgumentException">Other lengths, values that are not finite, or weights that are not finite once folded.</exception>
    public Network FoldInputs(ReadOnlySpan<float> factors, ReadOnlySpan<float> offsets)
    {
        if (factors.Length != Inputs || offsets.Length != Inputs)
            throw new ArgumentException($"There are {factors.Length} factors and {offsets.Length} offsets, the network takes {Inputs} values.", nameof(factors));
        Layer first = _layers[0].FoldInputs(factors, offsets);
        if (!first.IsFinite) throw new ArgumentException("The weights are not finite once folded.", nameof(factors));
        return new Network([first, .. _layers.AsSpan(1)], Loss, Metadata, InputBounds?.Unfold(factors, offsets));
    }

    /// <summary>The network that gives y ∘ factors + offsets where this one gives y, folded into the output layer, which must be linear.</summary>
    /// <param name="factors">[Outputs], finite.</param>
    /// <param name="offsets">[Outputs], finite.</param>
    /// <exception cref="ArgumentException">Other lengths, an output layer that is not linear, or weights that are not finite once folded.</exception>
    public Network FoldOutputs(ReadOnlySpan<float> factors, ReadOnlySpan<float> offsets)
    {
        if (factors.Length != Outputs || offsets.Length != Outputs)
            throw new ArgumentException($"There are {factors.Length} factors and {offsets.Length} offsets, the network gives {Outputs} values.", nameof(factors));
        if (_layers[^1].Activation is not Activation<Identity>)
            throw new ArgumentException($"The output layer must be linear, not {_layers[^1].Activation.Name}.", nameof(factors));
        Layer last = _layers[^1].FoldOutputs(factors, offsets);
        if (!last.IsFinite) throw new ArgumentException("The weights are not finite once folded.", nameof(factors));
        return new Network([.. _layers.AsSpan(0, _layers.Length - 1), last], Loss, Metadata, InputBounds);
    }

    /// <summary>
    /// Reads a model file: safetensors written by this library, or an ONNX graph of dense layers, told apart by their first bytes.
    /// Checks everything before it believes anything, and follows no path that the file names.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="custom">Activations of the caller's own that a safetensors file may name.</param>
    /// <exception cref="ModelFormatException">No model that this library knows; the message says where and what was expected.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static Network Load(string path, params ReadOnlySpan<Activation> custom)
    {
        ArgumentNullException.ThrowIfNull(path);
        using FileStream stream = File.OpenRead(path);
        if (!stream.CanSeek) throw new ModelFormatException($"{path}: not a regular file, expected a model file.");
        return Load(stream, path, custom);
    }

    /// <summary>Reads a model from a seekable stream.</summary>
    /// <param name="stream">The model file's bytes, to its end.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="custom">Activations of the caller's own that a safetensors file may name.</param>
    /// <exception cref="ModelFormatException">No model that this library knows; the message says where and what was expected.</exception>
    public static Network Load(Stream stream, string name, params ReadOnlySpan<Activation> custom)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        return ModelFormats.Peek(stream) == ModelFormat.Onnx ? OnnxReader.Read(stream, name) : new ModelReader(stream, name).Read(custom);
    }

    /// <summary>Writes the model file: to a temporary file in the same folder, flushed to disk, renamed over <paramref name="path"/>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">Its format, whatever the file is called.</param>
    /// <exception cref="IOException">The file cannot be written; what was there before is untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    /// <exception cref="NotSupportedException">ONNX has no operator for an activation of the caller's own, or the file would have 2 GiB.</exception>
    public void Save(string path, ModelFormat format = ModelFormat.Safetensors)
    {
        ArgumentNullException.ThrowIfNull(path);
        AtomicFile.Write(path, stream => Save(stream, format));
    }

    /// <summary>Writes the model file's bytes.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="format">Their format.</param>
    /// <exception cref="NotSupportedException">
    /// ONNX has no operator for an activation of the caller's own, or the file would have 2 GiB; thrown before anything is written.
    /// </exception>
    public void Save(Stream stream, ModelFormat format = ModelFormat.Safetensors)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (format == ModelFormat.Onnx) OnnxWriter.Write(this, stream);
        else ModelWriter.Write(this, stream);
    }
}
