namespace Lpom.Simd.Model.Onnx;

/// <summary>An input or output of the graph, as it is declared.</summary>
internal sealed class OnnxValue
{
    private const int MostDimensions = 8;

    private OnnxValue(string name) => Name = name;

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>A TensorProto.DataType; null when it is no tensor, or its type is not declared.</summary>
    public long? ElementType { get; private set; }

    /// <summary>Its sizes, −1 for one that is not fixed; null when they are not declared.</summary>
    public IReadOnlyList<long>? Shape { get; private set; }

    /// <summary>Its sizes as messages show them.</summary>
    public string ShapeText => Shape is null ? "[?]" : $"[{string.Join(", ", Shape.Select(size => size < 0 ? "?" : $"{size}"))}]";

    /// <summary>Reads a ValueInfoProto.</summary>
    public static OnnxValue Read(ArraySegment<byte> message)
    {
        string name = "";
        ArraySegment<byte> type = ArraySegment<byte>.Empty;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == OnnxSchema.ValueInfo.Name) name = reader.Text();
            else if (reader.Field == OnnxSchema.ValueInfo.Type) type = reader.Bytes();
            else reader.Skip();
        }
        var value = new OnnxValue(name);
        value.ReadType(type);
        return value;
    }

    private void ReadType(ArraySegment<byte> type)
    {
        var reader = new ProtobufReader(type);
        while (reader.Next())
        {
            if (reader.Field == OnnxSchema.ValueType.Tensor) ReadTensorType(reader.Bytes());
            else reader.Skip();
        }
    }

    private void ReadTensorType(ArraySegment<byte> tensor)
    {
        var reader = new ProtobufReader(tensor);
        while (reader.Next())
        {
            if (reader.Field == OnnxSchema.TensorType.ElementType) ElementType = reader.Integer();
            else if (reader.Field == OnnxSchema.TensorType.Shape) Shape = ReadShape(reader.Bytes());
            else reader.Skip();
        }
    }

    private List<long> ReadShape(ArraySegment<byte> shape)
    {
        var sizes = new List<long>();
        var reader = new ProtobufReader(shape);
        while (reader.Next())
        {
            if (reader.Field != OnnxSchema.Shape.Dim)
            {
                reader.Skip();
                continue;
            }
            if (sizes.Count == MostDimensions) throw new InvalidDataException($"value {Safetensors.Quote(Name)} has more than {MostDimensions} dimensions");
            sizes.Add(ReadDimension(reader.Bytes()));
        }
        return sizes;
    }

    private static long ReadDimension(ArraySegment<byte> dimension)
    {
        long size = 0;
        var reader = new ProtobufReader(dimension);
        while (reader.Next())
        {
            if (reader.Field == OnnxSchema.Dimension.Value) size = reader.Integer();
            else reader.Skip();
        }
        // 0 is how some exporters write a size that is not fixed.
        return size > 0 ? size : -1;
    }
}
