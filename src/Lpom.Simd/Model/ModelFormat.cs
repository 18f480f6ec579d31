using System.Buffers.Binary;

namespace Lpom.Simd.Model;

/// <summary>The format of a model file.</summary>
public enum ModelFormat
{
    /// <summary>A header and the tensors' bytes: the format of models trained here.</summary>
    Safetensors,

    /// <summary>A graph of standard operators, which other inference engines run.</summary>
    Onnx,
}

/// <summary>Tells the formats of model files apart by their first bytes.</summary>
internal static class ModelFormats
{
    /// <summary>Bytes that tell the formats apart.</summary>
    public const int StartLength = Safetensors.LengthBytes + 1;

    // ONNX's ModelProto starts with its first field, ir_version, as a varint.
    private const byte OnnxStart = 0x08;

    /// <summary>The format of a seekable stream, which stays where it is; null for none.</summary>
    public static ModelFormat? Peek(Stream stream)
    {
        Span<byte> start = stackalloc byte[StartLength];
        long position = stream.Position;
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        stream.Position = position;
        return Of(start[..read]);
    }

    /// <summary>The format of a file that starts so; null for none.</summary>
    /// <param name="start">The first <see cref="StartLength"/> bytes, or all that there are.</param>
    public static ModelFormat? Of(ReadOnlySpan<byte> start)
    {
        if (start.Length < StartLength) return null;
        // Eight bytes of the JSON header's length, which is far below 4 GiB, and the header. In ONNX four zeros cannot stand
        // there: no field has the number 0.
        bool isShort = BinaryPrimitives.ReadUInt32LittleEndian(start[4..]) == 0;
        if (isShort) return start[Safetensors.LengthBytes] == '{' ? ModelFormat.Safetensors : null;
        return start[0] == OnnxStart ? ModelFormat.Onnx : null;
    }
}
