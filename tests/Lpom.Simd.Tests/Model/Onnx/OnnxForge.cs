using System.Runtime.InteropServices;
using Lpom.Simd.Model.Onnx;

namespace Lpom.Simd.Tests.Model.Onnx;

/// <summary>ONNX files of the test's own, right or wrong: from the input x [?, 2] to the output y, 'W' [2 × 2] and 'b' [2] being there.</summary>
internal sealed class OnnxForge
{
    public const int Double = 11;

    private readonly ProtobufWriter _graph = new();
    private readonly Dictionary<string, ProtobufWriter> _tensors = new()
    {
        ["W"] = Tensor("W", [2, 2], 1, 2, 3, 4),
        ["b"] = Tensor("b", [2], 10, 20),
    };

    private ProtobufWriter _values = Input("x", -1, 2);
    private readonly ProtobufWriter _metadata = new();
    private ProtobufWriter? _output = Output("y");

    public long Opset { get; init; } = 13;

    /// <summary>Before everything else.</summary>
    public ProtobufWriter Head { get; } = new ProtobufWriter().Integer(OnnxSchema.Model.IrVersion, 7).Text(OnnxSchema.Model.ProducerName, "forge");

    /// <summary>A node: inputs, operator, output and attributes.</summary>
    public OnnxForge Node(string inputs, string type, string output, params ProtobufWriter[] attributes)
    {
        var node = new ProtobufWriter();
        foreach (string input in inputs.Split(' ', StringSplitOptions.RemoveEmptyEntries)) node.Text(OnnxSchema.Node.Input, input);
        foreach (string name in output.Split(' ', StringSplitOptions.RemoveEmptyEntries)) node.Text(OnnxSchema.Node.Output, name);
        string[] domainAndType = type.Split(':');
        node.Text(OnnxSchema.Node.OpType, domainAndType[^1]);
        if (domainAndType.Length > 1) node.Text(OnnxSchema.Node.Domain, domainAndType[0]);
        foreach (ProtobufWriter attribute in attributes) node.Message(OnnxSchema.Node.Attribute, attribute);
        _graph.Message(OnnxSchema.Graph.Node, node);
        return this;
    }

    public OnnxForge With(string name, long[] shape, params float[] values) => With(name, Tensor(name, shape, values));

    public OnnxForge With(string name, ProtobufWriter tensor)
    {
        _tensors[name] = tensor;
        return this;
    }

    /// <summary>Another declaration of inputs.</summary>
    public OnnxForge Inputs(params ProtobufWriter[] inputs)
    {
        _values = new ProtobufWriter();
        foreach (ProtobufWriter input in inputs) _values.Append(input);
        return this;
    }

    /// <summary>Other outputs.</summary>
    public OnnxForge Outputs(params ProtobufWriter[] outputs)
    {
        _output = null;
        foreach (ProtobufWriter output in outputs) _graph.Append(output);
        return this;
    }

    public OnnxForge Metadata(string key, string value)
    {
        _metadata.Message(OnnxSchema.Model.MetadataProps, new ProtobufWriter().Text(OnnxSchema.StringEntry.Key, key).Text(OnnxSchema.StringEntry.Value, value));
        return this;
    }

    public byte[] Bytes()
    {
        foreach (ProtobufWriter tensor in _tensors.Values) _graph.Message(OnnxSchema.Graph.Initializer, tensor);
        _graph.Append(_values);
        if (_output is not null) _graph.Append(_output);
        return Head
            .Message(OnnxSchema.Model.Graph, _graph)
            .Message(OnnxSchema.Model.OpsetImport, new ProtobufWriter().Text(OnnxSchema.OperatorSet.Domain, "").Integer(OnnxSchema.OperatorSet.Version, Opset))
            .Append(_metadata)
            .Written.ToArray();
    }

    public static ProtobufWriter Input(string name, params long[] shape) => Value(OnnxSchema.Graph.Input, name, OnnxSchema.Float, shape);

    public static ProtobufWriter Output(string name, int type = OnnxSchema.Float) => Value(OnnxSchema.Graph.Output, name, type, [-1, 2]);

    public static ProtobufWriter Value(int field, string name, int type, params long[] shape)
    {
        var sizes = new ProtobufWriter();
        foreach (long size in shape)
            sizes.Message(OnnxSchema.Shape.Dim, size < 0 ? new ProtobufWriter().Text(OnnxSchema.Dimension.Parameter, "n") : new ProtobufWriter().Integer(OnnxSchema.Dimension.Value, size));
        ProtobufWriter tensor = new ProtobufWriter().Integer(OnnxSchema.TensorType.ElementType, type).Message(OnnxSchema.TensorType.Shape, sizes);
        return new ProtobufWriter().Message(field, new ProtobufWriter()
            .Text(OnnxSchema.ValueInfo.Name, name)
            .Message(OnnxSchema.ValueInfo.Type, new ProtobufWriter().Message(OnnxSchema.ValueType.Tensor, tensor)));
    }

    public static ProtobufWriter Tensor(string name, long[] shape, params float[] values) => TensorHead(name, shape).Append(Raw(MemoryMarshal.AsBytes(values.AsSpan())));

    public static ProtobufWriter Shape(string name, params long[] values) =>
        TensorHead(name, [values.Length], OnnxSchema.Int64).Append(Raw(MemoryMarshal.AsBytes(values.AsSpan())));

    /// <summary>Name, shape and element type, without data.</summary>
    public static ProtobufWriter TensorHead(string name, long[] shape, int type = OnnxSchema.Float)
    {
        var tensor = new ProtobufWriter();
        foreach (long size in shape) tensor.Integer(OnnxSchema.Tensor.Dims, size);
        return tensor.Integer(OnnxSchema.Tensor.DataType, type).Text(OnnxSchema.Tensor.Name, name);
    }

    public static ProtobufWriter Float(string name, float value) => new ProtobufWriter()
        .Text(OnnxSchema.Attribute.Name, name).Single(OnnxSchema.Attribute.Float, value).Integer(OnnxSchema.Attribute.Type, OnnxSchema.Attribute.FloatType);

    public static ProtobufWriter Integer(string name, long value) => new ProtobufWriter()
        .Text(OnnxSchema.Attribute.Name, name).Integer(OnnxSchema.Attribute.Integer, value).Integer(OnnxSchema.Attribute.Type, OnnxSchema.Attribute.IntegerType);

    public static ProtobufWriter Integers(string name, params long[] values)
    {
        var attribute = new ProtobufWriter().Text(OnnxSchema.Attribute.Name, name);
        foreach (long value in values) attribute.Integer(OnnxSchema.Attribute.Integers, value);
        return attribute.Integer(OnnxSchema.Attribute.Type, 7);
    }

    private static ProtobufWriter Raw(ReadOnlySpan<byte> bytes) => new ProtobufWriter().Length(OnnxSchema.Tensor.RawData, bytes.Length).Append(bytes);
}
