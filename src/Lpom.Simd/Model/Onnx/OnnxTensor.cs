using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Lpom.Simd.Model.Onnx;

/// <summary>A constant array of the graph, row by row. Its data are the file's bytes, checked against its shape.</summary>
internal sealed class OnnxTensor
{
    private const int MostDimensions = 8;

    private readonly string _name;
    private readonly List<long> _shape = new(2);

    // Numbers that are listed one by one, which others' shapes and single values are.
    private ArrayBufferWriter<byte>? _listedFloats;
    private List<long>? _listedIntegers;
    private ArraySegment<byte> _raw = ArraySegment<byte>.Empty;
    private long _type;

    private OnnxTensor(string name) => _name = name;

    /// <summary>Its sizes; none for a single number.</summary>
    public IReadOnlyList<long> Shape => _shape;

    /// <summary>Its numbers.</summary>
    /// <exception cref="InvalidDataException">Elements of another type, or not as many as the shape says.</exception>
    public ReadOnlySpan<float> Floats
    {
        get
        {
            ReadOnlySpan<byte> bytes = Data(OnnxSchema.Float, _listedFloats is null ? [] : _listedFloats.WrittenSpan, sizeof(float));
            if (!BitConverter.IsLittleEndian) throw new PlatformNotSupportedException("Model files are little endian.");
            return MemoryMarshal.Cast<byte, float>(bytes);
        }
    }

    /// <summary>Its whole numbers, at most a handful: a shape.</summary>
    /// <inheritdoc cref="Floats" path="/exception" />
    public long[] Integers
    {
        get
        {
            ReadOnlySpan<byte> listed = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_listedIntegers));
            ReadOnlySpan<byte> bytes = Data(OnnxSchema.Int64, listed, sizeof(long));
            if (bytes.Length > MostDimensions * sizeof(long)) throw Bad($"has {bytes.Length / sizeof(long)} elements, expected a shape");
            return MemoryMarshal.Cast<byte, long>(bytes).ToArray();
        }
    }

    /// <summary>Its only number.</summary>
    /// <inheritdoc cref="Floats" path="/exception" />
    public float Number
    {
        get
        {
            ReadOnlySpan<float> floats = Floats;
            return floats.Length == 1 ? floats[0] : throw Bad($"has the shape {ShapeText}, expected one number");
        }
    }

    /// <summary>The shape as messages show it.</summary>
    public string ShapeText => $"[{string.Join(", ", _shape)}]";

    /// <summary>Reads a TensorProto.</summary>
    public static OnnxTensor Read(ArraySegment<byte> message, string name)
    {
        var tensor = new OnnxTensor(name);
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case OnnxSchema.Tensor.Dims:
                    reader.Integers(tensor._shape, MostDimensions);
                    break;
                case OnnxSchema.Tensor.DataType:
                    tensor._type = reader.Integer();
                    break;
                case OnnxSchema.Tensor.RawData:
                    tensor._raw = reader.Bytes();
                    break;
                case OnnxSchema.Tensor.FloatData:
                    reader.Floats(tensor._listedFloats ??= new());
                    break;
                case OnnxSchema.Tensor.Int64Data:
                    reader.Integers(tensor._listedIntegers ??= [], MostDimensions);
                    break;
                case OnnxSchema.Tensor.ExternalData:
                    throw tensor.Bad("is kept in another file, and no path is followed; export the model with its data in the one file");
                case OnnxSchema.Tensor.DataLocation:
                    if (reader.Integer() != 0) goto case OnnxSchema.Tensor.ExternalData;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return tensor;
    }

    /// <summary>Reads the value of a Constant node, an AttributeProto: a tensor, or numbers.</summary>
    public static OnnxTensor ReadValue(ArraySegment<byte> attribute, string name)
    {
        var tensor = new OnnxTensor(name);
        var reader = new ProtobufReader(attribute);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case OnnxSchema.Attribute.Tensor:
                    return Read(reader.Bytes(), name);
                case OnnxSchema.Attribute.Float:
                    tensor._type = OnnxSchema.Float;
                    tensor._listedFloats ??= new();
                    BinaryPrimitives.WriteSingleLittleEndian(tensor._listedFloats.GetSpan(sizeof(float)), reader.Single());
                    tensor._listedFloats.Advance(sizeof(float));
                    return tensor;
                case OnnxSchema.Attribute.Floats:
                    tensor._type = OnnxSchema.Float;
                    reader.Floats(tensor._listedFloats ??= new());
                    break;
                case OnnxSchema.Attribute.Integers:
                    tensor._type = OnnxSchema.Int64;
                    reader.Integers(tensor._listedIntegers ??= [], MostDimensions);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        tensor._shape.Add((tensor._type == OnnxSchema.Float ? tensor._listedFloats?.WrittenCount / sizeof(float) : tensor._listedIntegers?.Count) ?? 0);
        return tensor;
    }

    /// <summary>An error in this tensor.</summary>
    public InvalidDataException Bad(string what) => new($"constant {Safetensors.Quote(_name)} {what}");

    private ReadOnlySpan<byte> Data(int type, ReadOnlySpan<byte> listed, int elementBytes)
    {
        if (_type != type) throw Bad($"has elements of {OnnxSchema.ElementTypeName(_type)}, expected {OnnxSchema.ElementTypeName(type)}");
        Int128 needed = elementBytes;
        foreach (long size in _shape)
        {
            if (size < 0) throw Bad($"has the shape {ShapeText}");
            // Eight factors of 63 bits: what is above any file's length stays there.
            needed = Int128.Min(needed * size, long.MaxValue);
        }
        ReadOnlySpan<byte> bytes = _raw.Count > 0 ? _raw : listed;
        return bytes.Length == needed ? bytes : throw Bad($"has {bytes.Length} bytes of data, its shape {ShapeText} needs {needed}");
    }
}
