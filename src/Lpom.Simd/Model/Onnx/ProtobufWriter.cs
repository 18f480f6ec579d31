using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Lpom.Simd.Model.Onnx;

/// <summary>Writes the fields of one protobuf message into memory.</summary>
internal sealed class ProtobufWriter
{
    private const int MostVarintBytes = 10;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>What is written so far.</summary>
    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    /// <summary>A whole number.</summary>
    public ProtobufWriter Integer(int field, long value)
    {
        Tag(field, WireType.Varint);
        Varint((ulong)value);
        return this;
    }

    /// <summary>A number of 32 bits.</summary>
    public ProtobufWriter Single(int field, float value)
    {
        Tag(field, WireType.Fixed32);
        BinaryPrimitives.WriteSingleLittleEndian(_bytes.GetSpan(sizeof(float)), value);
        _bytes.Advance(sizeof(float));
        return this;
    }

    /// <summary>Text.</summary>
    public ProtobufWriter Text(int field, string value)
    {
        Length(field, Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, _bytes);
        return this;
    }

    /// <summary>A message inside this one.</summary>
    public ProtobufWriter Message(int field, ProtobufWriter message) => Length(field, message.Written.Length).Append(message);

    /// <summary>Begins a string of bytes, or a message, whose bytes the caller appends or writes elsewhere.</summary>
    public ProtobufWriter Length(int field, long bytes)
    {
        Tag(field, WireType.Bytes);
        Varint((ulong)bytes);
        return this;
    }

    /// <summary>Other fields, as they are.</summary>
    public ProtobufWriter Append(ProtobufWriter fields) => Append(fields.Written);

    /// <summary>Bytes, as they are.</summary>
    public ProtobufWriter Append(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    private void Tag(int field, WireType type) => Varint(((ulong)field << 3) | (ulong)type);

    private void Varint(ulong value)
    {
        Span<byte> span = _bytes.GetSpan(MostVarintBytes);
        int count = 0;
        while (value >= 0x80)
        {
            span[count++] = (byte)(value | 0x80);
            value >>= 7;
        }
        span[count++] = (byte)value;
        _bytes.Advance(count);
    }
}
