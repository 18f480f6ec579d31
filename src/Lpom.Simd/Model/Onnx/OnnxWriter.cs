using System.Globalization;
using System.Runtime.InteropServices;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Model.Onnx;

/// <summary>
/// Writes a network as an ONNX model of float32 and any batch: the bounds of the inputs as Max and Min, then per layer Gemm with the
/// weights as they are (transB = 1) and the activation's operator. Input <c>x</c> [batch × Inputs], output <c>scores</c> [batch × Outputs].
/// </summary>
internal sealed class OnnxWriter
{
    private const string InputName = "x", OutputName = "scores", BatchName = "batch";

    // Protobuf's own bound for a message.
    private const long MostBytes = int.MaxValue;

    private readonly ProtobufWriter _nodes = new();
    private readonly List<Initializer> _initializers = [];
    private string _value = InputName;

    private OnnxWriter()
    {
    }

    /// <summary>Writes the model; throws before the first byte when ONNX cannot express it.</summary>
    public static void Write(Network network, Stream stream)
    {
        if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("Model files are little endian.");
        var graph = new OnnxWriter();
        if (network.InputBounds is InputBounds bounds) graph.AddBounds(bounds);
        for (int i = 0; i < network.Layers.Count; i++) graph.AddLayer(network.Layers[i], i, isLast: i == network.Layers.Count - 1);
        ProtobufWriter head = Head(network);
        ProtobufWriter values = Values(network);
        long length = graph._nodes.Written.Length + values.Written.Length + graph._initializers.Sum(i => i.Head.Written.Length + i.DataBytes);
        // The graph is last, so that a file that is cut off is no whole message.
        head.Length(OnnxSchema.Model.Graph, length);
        if (head.Written.Length + length > MostBytes)
            throw new NotSupportedException($"The network has {network.Parameters} parameters: more than a file of ONNX, which ends below 2 GiB, can hold.");
        stream.Write(head.Written);
        stream.Write(graph._nodes.Written);
        foreach (Initializer initializer in graph._initializers)
        {
            stream.Write(initializer.Head.Written);
            initializer.WriteData(stream);
        }
        stream.Write(values.Written);
    }

    private static ProtobufWriter Head(Network network)
    {
        ProtobufWriter head = new ProtobufWriter()
            .Integer(OnnxSchema.Model.IrVersion, OnnxSchema.IrVersion)
            .Text(OnnxSchema.Model.ProducerName, OnnxSchema.Producer)
            .Message(OnnxSchema.Model.OpsetImport, new ProtobufWriter().Text(OnnxSchema.OperatorSet.Domain, "").Integer(OnnxSchema.OperatorSet.Version, OnnxSchema.Opset));
        foreach ((string key, string value) in network.Metadata)
            head.Message(OnnxSchema.Model.MetadataProps, new ProtobufWriter().Text(OnnxSchema.StringEntry.Key, key).Text(OnnxSchema.StringEntry.Value, value));
        return head;
    }

    private static ProtobufWriter Values(Network network) => new ProtobufWriter()
        .Text(OnnxSchema.Graph.Name, OnnxSchema.Producer)
        .Message(OnnxSchema.Graph.Input, Value(InputName, network.Inputs))
        .Message(OnnxSchema.Graph.Output, Value(OutputName, network.Outputs));

    private static ProtobufWriter Value(string name, int width)
    {
        ProtobufWriter shape = new ProtobufWriter()
            .Message(OnnxSchema.Shape.Dim, new ProtobufWriter().Text(OnnxSchema.Dimension.Parameter, BatchName))
            .Message(OnnxSchema.Shape.Dim, new ProtobufWriter().Integer(OnnxSchema.Dimension.Value, width));
        ProtobufWriter tensor = new ProtobufWriter().Integer(OnnxSchema.TensorType.ElementType, OnnxSchema.Float).Message(OnnxSchema.TensorType.Shape, shape);
        return new ProtobufWriter()
            .Text(OnnxSchema.ValueInfo.Name, name)
            .Message(OnnxSchema.ValueInfo.Type, new ProtobufWriter().Message(OnnxSchema.ValueType.Tensor, tensor));
    }

    private void AddBounds(InputBounds bounds)
    {
        AddInitializer(ModelMetadata.LowerName, [bounds.Lower.Length], bounds.Lower.ToArray());
        AddInitializer(ModelMetadata.UpperName, [bounds.Upper.Length], bounds.Upper.ToArray());
        AddNode(OnnxOperators.Max, [_value, ModelMetadata.LowerName], "inputs.raised");
        AddNode(OnnxOperators.Min, [_value, ModelMetadata.UpperName], "inputs.clipped");
    }

    private void AddLayer(Layer layer, int index, bool isLast)
    {
        OnnxActivation? activation = OnnxActivation.Of(layer.Activation);
        string output = isLast ? OutputName : Name(index, "output");
        string weights = ModelMetadata.WeightName(index);
        AddWeights(weights, layer);
        List<string> inputs = [_value, weights];
        if (!layer.Bias.IsEmpty)
        {
            string bias = ModelMetadata.BiasName(index);
            AddInitializer(bias, [layer.Outputs], layer.Bias.ToArray());
            inputs.Add(bias);
        }
        AddNode(OnnxOperators.Gemm, inputs, activation is null ? output : Name(index, "linear"), Integer(OnnxOperators.TransB, 1));
        if (activation is null) return;
        inputs = [_value];
        for (int i = 0; i < activation.Bounds.Count; i++)
        {
            string bound = Name(index, i == 0 ? "lower" : "upper");
            AddInitializer(bound, [], [activation.Bounds[i]]);
            inputs.Add(bound);
        }
        AddNode(activation.Operator, inputs, output, [.. activation.Attributes.Select(a => Float(a.Name, a.Value))]);
    }

    private void AddNode(string type, IEnumerable<string> inputs, string output, params ReadOnlySpan<ProtobufWriter> attributes)
    {
        var node = new ProtobufWriter();
        foreach (string input in inputs) node.Text(OnnxSchema.Node.Input, input);
        node.Text(OnnxSchema.Node.Output, output).Text(OnnxSchema.Node.Name, output).Text(OnnxSchema.Node.OpType, type);
        foreach (ProtobufWriter attribute in attributes) node.Message(OnnxSchema.Node.Attribute, attribute);
        _nodes.Message(OnnxSchema.Graph.Node, node);
        _value = output;
    }

    private void AddWeights(string name, Layer layer) =>
        _initializers.Add(new Initializer(TensorHead(name, [layer.Outputs, layer.Inputs]), Bytes([layer.Outputs, layer.Inputs]), stream =>
        {
            ReadOnlyMatrixView weights = layer.Weights;
            for (int row = 0; row < weights.Rows; row++) stream.Write(MemoryMarshal.AsBytes(weights.Row(row)));
        }));

    private void AddInitializer(string name, long[] shape, float[] values) =>
        _initializers.Add(new Initializer(TensorHead(name, shape), Bytes(shape), stream => stream.Write(MemoryMarshal.AsBytes(values.AsSpan()))));

    private static ProtobufWriter TensorHead(string name, long[] shape)
    {
        var tensor = new ProtobufWriter();
        foreach (long size in shape) tensor.Integer(OnnxSchema.Tensor.Dims, size);
        tensor.Integer(OnnxSchema.Tensor.DataType, OnnxSchema.Float).Text(OnnxSchema.Tensor.Name, name).Length(OnnxSchema.Tensor.RawData, Bytes(shape));
        return new ProtobufWriter().Length(OnnxSchema.Graph.Initializer, tensor.Written.Length + Bytes(shape)).Append(tensor);
    }

    private static long Bytes(long[] shape) => shape.Aggregate((long)sizeof(float), (a, b) => a * b);

    private static ProtobufWriter Integer(string name, long value) => new ProtobufWriter()
        .Text(OnnxSchema.Attribute.Name, name).Integer(OnnxSchema.Attribute.Integer, value).Integer(OnnxSchema.Attribute.Type, OnnxSchema.Attribute.IntegerType);

    private static ProtobufWriter Float(string name, float value) => new ProtobufWriter()
        .Text(OnnxSchema.Attribute.Name, name).Single(OnnxSchema.Attribute.Float, value).Integer(OnnxSchema.Attribute.Type, OnnxSchema.Attribute.FloatType);

    private static string Name(int layer, string what) => string.Create(CultureInfo.InvariantCulture, $"layers.{layer}.{what}");

    /// <summary>A constant of the graph: its fields up to the data, and the data.</summary>
    private sealed record Initializer(ProtobufWriter Head, long DataBytes, Action<Stream> WriteData);
}
