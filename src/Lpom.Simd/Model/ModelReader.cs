using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Proximal;

namespace Lpom.Simd.Model;

/// <summary>Reads a network from safetensors; sizes are checked against the file's length before memory is allocated.</summary>
internal sealed class ModelReader(Stream stream, string name)
{
    public Network Read(ReadOnlySpan<Activation> custom)
    {
        Safetensors file = Safetensors.ReadHeader(stream, name);
        string format = Metadata(file, ModelMetadata.FormatKey);
        if (format != ModelMetadata.Format) throw Bad($"metadata 'format' is {Safetensors.Quote(format)}, this version reads '{ModelMetadata.Format}'");
        // Every layer has a tensor: a longer list is no network, and is not taken apart.
        int[] widths = Widths(Metadata(file, ModelMetadata.LayersKey), file.Tensors.Count + 3);
        string[] activations = Metadata(file, ModelMetadata.ActivationsKey).Split(',', file.Tensors.Count + 2);
        if (activations.Length != widths.Length - 1)
            throw Bad($"metadata 'activations' names {activations.Length}, the network has {widths.Length - 1} layers");
        if (!LossNames.TryParse(Metadata(file, ModelMetadata.LossKey), out Loss loss))
            throw Bad($"metadata 'loss' is {Safetensors.Quote(file.Metadata[ModelMetadata.LossKey])}, expected {string.Join(" or ", LossNames.All)}");

        long dataStart = stream.Position;
        var layers = new Layer[activations.Length];
        int tensors = 0;
        for (int i = 0; i < layers.Length; i++)
        {
            Activation activation = Find(activations[i], custom);
            layers[i] = ReadLayer(file, i, widths[i + 1], widths[i], activation, dataStart);
            tensors += layers[i].Bias.IsEmpty ? 1 : 2;
        }
        AlignedBuffer? lower = ReadBound(file, ModelMetadata.LowerName, widths[0], dataStart);
        AlignedBuffer? upper = ReadBound(file, ModelMetadata.UpperName, widths[0], dataStart);
        if ((lower is null) != (upper is null)) throw Bad($"tensor '{(lower is null ? ModelMetadata.LowerName : ModelMetadata.UpperName)}' is missing");
        if (lower is not null) tensors += 2;
        if (tensors != file.Tensors.Count) throw Bad($"the file has {file.Tensors.Count} tensors, the network is {tensors} of them");
        try
        {
            InputBounds? bounds = lower is null ? null : new InputBounds(lower.Span, upper!.Span);
            return new Network(layers, loss, file.Metadata, bounds);
        }
        catch (ArgumentException e)
        {
            throw new ModelFormatException($"{name}: {e.Message}", e);
        }
    }

    private ModelFormatException Bad(string what) => new($"{name}: {what}.");

    private string Metadata(Safetensors file, string key) =>
        file.Metadata.TryGetValue(key, out string? value) ? value : throw Bad($"metadata '{key}' is missing: not a model written by Lpom");

    private int[] Widths(string shape, int most)
    {
        string[] parts = shape.Split('-', most);
        int[] widths = new int[parts.Length];
        bool valid = parts.Length >= 2;
        for (int i = 0; valid && i < parts.Length; i++)
            valid = int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out widths[i]) && widths[i] > 0;
        return valid ? widths : throw Bad($"metadata 'layers' is {Safetensors.Quote(shape)}, expected widths such as 784-300-10");
    }

    private Activation Find(string activation, ReadOnlySpan<Activation> custom)
    {
        foreach (Activation own in custom)
        {
            if (own.Name == activation) return own;
        }
        return Activation.TryGet(activation, out Activation? known)
            ? known
            : throw Bad($"unknown activation {Safetensors.Quote(activation)}, expected one of {string.Join(", ", Activation.All.Select(a => a.Name))}, or one of your own passed to Load");
    }

    // Packed as they come, as predictions read them: the matrix itself is made when it is asked for. A panel's columns that are not there
    // are zeros, so that layers of few outputs would take many times the file's memory: they are packed when they are used.
    private Layer ReadLayer(Safetensors file, int layer, int outputs, int inputs, Activation activation, long dataStart)
    {
        if (!ModelMetadata.TryFindWeight(file, layer, out string? tensorName, out Safetensors.Tensor tensor))
            throw Bad($"tensor '{ModelMetadata.WeightName(layer)}' is missing");
        Check(tensorName, tensor, [outputs, inputs]);
        AlignedBuffer? bias = ModelMetadata.TryFindBias(file, layer, out string? biasName, out Safetensors.Tensor vector) ? ReadVector(biasName, vector, outputs, dataStart) : null;
        stream.Position = dataStart + tensor.Start;
        return outputs >= PackedMatrix.PanelColumns / 2
            ? new Layer(ReadPacked(tensorName, dataStart + tensor.Start, outputs, inputs), bias, activation)
            : new Layer(ReadMatrix(tensorName, dataStart + tensor.Start, outputs, inputs), bias, activation);
    }

    // On its own: the delegate's memory would be every layer's.
    private PackedMatrix ReadPacked(string tensorName, long start, int outputs, int inputs) =>
        PackedMatrix.OfRows(inputs, outputs, rows => ReadFloats(rows, tensorName, start, inputs));

    private Matrix ReadMatrix(string tensorName, long start, int outputs, int inputs)
    {
        var weights = new Matrix(outputs, inputs);
        for (int row = 0; row < outputs; row++) ReadFloats(weights.View.Row(row), tensorName, start, inputs);
        return weights;
    }

    private AlignedBuffer? ReadBound(Safetensors file, string tensorName, int length, long dataStart) =>
        file.Tensors.TryGetValue(tensorName, out Safetensors.Tensor tensor) ? ReadVector(tensorName, tensor, length, dataStart) : null;

    private AlignedBuffer ReadVector(string tensorName, Safetensors.Tensor tensor, int length, long dataStart)
    {
        Check(tensorName, tensor, [length]);
        var vector = new AlignedBuffer(length);
        stream.Position = dataStart + tensor.Start;
        ReadFloats(vector.Span, tensorName, dataStart + tensor.Start, inputs: 1);
        return vector;
    }

    private void Check(string tensorName, Safetensors.Tensor tensor, ReadOnlySpan<long> shape)
    {
        if (tensor.DType != Safetensors.Float32) throw Bad($"tensor '{tensorName}' has dtype {Safetensors.Quote(tensor.DType)}, expected {Safetensors.Float32}");
        if (!shape.SequenceEqual(tensor.Shape))
            throw Bad($"tensor '{tensorName}' has shape [{string.Join(", ", tensor.Shape)}], the layers say [{string.Join(", ", shape.ToArray())}]");
        Int128 bytes = sizeof(float);
        foreach (long size in shape) bytes *= size;
        // The offsets were checked against the file's length: what is allocated is at most twice what the file holds.
        if (tensor.End - tensor.Start != bytes) throw Bad($"tensor '{tensorName}' has {tensor.End - tensor.Start} bytes, its shape needs {bytes}");
        long cols = shape.Length == 2 ? shape[1] : 1;
        if (!Matrix.Fits(shape[0], cols) || !PackedMatrix.Fits(cols, shape[0])) throw Bad($"tensor '{tensorName}' is too large");
    }

    /// <param name="values">Set to what comes next of the tensor.</param>
    /// <param name="tensorName">What errors call it.</param>
    /// <param name="start">Where it starts.</param>
    /// <param name="inputs">Values of a row.</param>
    private void ReadFloats(Span<float> values, string tensorName, long start, int inputs)
    {
        long first = (stream.Position - start) / sizeof(float);
        stream.ReadExactly(MemoryMarshal.AsBytes(values));
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("Model files are little endian.");
        if (TensorPrimitives.IsFiniteAll(values)) return;
        int found = ((ReadOnlySpan<float>)values).IndexOfNotFinite();
        (long row, long col) = Math.DivRem(first + found, inputs);
        throw Bad($"tensor '{tensorName}' holds {values[found].ToString(CultureInfo.InvariantCulture)} in row {row}, column {col}: expected finite values");
    }
}
