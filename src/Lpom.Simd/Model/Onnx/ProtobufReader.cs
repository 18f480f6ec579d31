using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Lpom.Simd.Model.Onnx;

/// <summary>How a field's value lies in a protobuf message.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}

/// <summary>
/// Reads the fields of one protobuf message, one after the other: a tag (number and wire type), then the value. A message inside is a
/// range of the same bytes, for another reader: nothing is copied, nothing recurses, and no length is believed before it is checked.
/// </summary>
/// <remarks>Every fault is an <see cref="InvalidDataException"/> that names the byte.</remarks>
internal ref struct ProtobufReader
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly byte[] _bytes;
    private readonly int _end;
    private int _position;
    private int _tagPosition;
    private WireType _wireType;

    /// <summary>Reads a message.</summary>
    /// <param name="message">Its bytes; the place in the array is what errors name.</param>
    public ProtobufReader(ArraySegment<byte> message)
    {
        _bytes = message.Array!;
        _position = message.Offset;
        _end = message.Offset + message.Count;
    }

    /// <summary>The field that <see cref="Next"/> came to.</summary>
    public int Field { get; private set; }

    /// <summary>Goes to the next field, whose value must then be read or skipped; false at the message's end.</summary>
    public bool Next()
    {
        if (_position == _end) return false;
        _tagPosition = _position;
        ulong tag = ReadVarint();
        if (tag > uint.MaxValue || tag >> 3 == 0) throw Bad($"{tag >> 3} is no field number");
        Field = (int)(tag >> 3);
        _wireType = (WireType)(tag & 7);
        return true;
    }

    /// <summary>A whole number.</summary>
    public long Integer()
    {
        Expect(WireType.Varint);
        return (long)ReadVarint();
    }

    /// <summary>A number of 32 bits.</summary>
    public float Single()
    {
        Expect(WireType.Fixed32);
        return BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));
    }

    /// <summary>A string of bytes, or a message.</summary>
    public ArraySegment<byte> Bytes()
    {
        Expect(WireType.Bytes);
        ulong length = ReadVarint();
        if (length > (ulong)(_end - _position)) throw Bad($"field {Field} has {length} bytes but only {_end - _position} follow");
        return Take((int)length);
    }

    /// <summary>Text.</summary>
    /// <param name="usual">Texts that are often there, and need no memory of their own.</param>
    public string Text(params IReadOnlyList<string> usual)
    {
        ArraySegment<byte> bytes = Bytes();
        for (int i = 0; i < usual.Count; i++)
        {
            if (Ascii.Equals(bytes, usual[i])) return usual[i];
        }
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"byte {_tagPosition}: field {Field} is text that is not UTF-8", e);
        }
    }

    /// <summary>Whole numbers of a repeated field: one, or a packed list.</summary>
    /// <param name="values">Receives them.</param>
    /// <param name="most">The most that it may hold.</param>
    public void Integers(List<long> values, int most)
    {
        if (_wireType == WireType.Varint)
        {
            Add(values, Integer(), most);
            return;
        }
        var packed = new ProtobufReader(Bytes());
        while (packed._position < packed._end) Add(values, (long)packed.ReadVarint(), most);
    }

    /// <summary>The little-endian bytes of a repeated field's floats: of one, or of a packed list.</summary>
    public void Floats(ArrayBufferWriter<byte> values)
    {
        if (_wireType == WireType.Fixed32)
        {
            values.Write(Take(sizeof(float)));
            return;
        }
        ArraySegment<byte> packed = Bytes();
        if (packed.Count % sizeof(float) != 0) throw Bad($"field {Field} has {packed.Count} bytes of floats");
        values.Write(packed);
    }

    /// <summary>Passes over a field that does not matter.</summary>
    public void Skip()
    {
        switch (_wireType)
        {
            case WireType.Varint:
                ReadVarint();
                break;
            case WireType.Fixed64:
                Take(sizeof(ulong));
                break;
            case WireType.Fixed32:
                Take(sizeof(uint));
                break;
            case WireType.Bytes:
                Bytes();
                break;
            default:
                // Groups (3, 4) are of protobuf's first years; no writer of ONNX has them.
                throw Bad($"field {Field} has the unknown wire type {(int)_wireType}");
        }
    }

    private readonly void Add(List<long> values, long value, int most)
    {
        if (values.Count == most) throw Bad($"field {Field} has more than {most} values");
        values.Add(value);
    }

    private ulong ReadVarint()
    {
        const int bitsOfAByte = 7, mostBits = 64;
        ulong value = 0;
        for (int shift = 0; shift < mostBits; shift += bitsOfAByte)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
        throw Bad("a number has more than 64 bits");
    }

    private ArraySegment<byte> Take(int count)
    {
        if (count > _end - _position) throw Bad("the message ends inside a field");
        var taken = new ArraySegment<byte>(_bytes, _position, count);
        _position += count;
        return taken;
    }

    private readonly void Expect(WireType expected)
    {
        if (_wireType != expected) throw Bad($"field {Field} has the wire type {(int)_wireType}, expected {(int)expected}");
    }

    private readonly InvalidDataException Bad(string what) => new($"byte {_tagPosition}: {what}");
}
