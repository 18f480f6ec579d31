using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Lpom.Simd.Model;

/// <summary>
/// The header of a safetensors file: eight bytes of length, little endian, then one JSON object of tensors (dtype, shape, data offsets)
/// and <c>__metadata__</c> (strings), padded with spaces; the tensors' bytes follow without gaps.
/// </summary>
internal sealed class Safetensors
{
    /// <summary>Bytes of the length field.</summary>
    public const int LengthBytes = 8;

    /// <summary>The dtype that models use.</summary>
    public const string Float32 = "F32";

    private const int MostDimensions = 8;

    private const string MetadataName = "__metadata__";

    // The format's own bound is 100 MB; a model's header has some hundred bytes a layer.
    private const int MaxHeaderBytes = 16 << 20;

    // Tensor data start on a cache line, as the files of the format's own library do on eight bytes.
    private const int HeaderAlignment = 64;

    /// <summary>One tensor: shape, and its bytes [Start, End) after the header.</summary>
    public readonly record struct Tensor(string DType, long[] Shape, long Start, long End);

    /// <summary>The tensors by name.</summary>
    public Dictionary<string, Tensor> Tensors { get; } = [];

    /// <summary>The metadata.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>The header of a file: length, JSON, padding.</summary>
    public static byte[] Header(IEnumerable<KeyValuePair<string, string>> metadata, IEnumerable<(string Name, long[] Shape)> tensors)
    {
        using var buffer = new MemoryStream();
        buffer.Write(stackalloc byte[LengthBytes]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject(MetadataName);
            foreach ((string key, string value) in metadata) json.WriteString(key, value);
            json.WriteEndObject();
            long offset = 0;
            foreach ((string name, long[] shape) in tensors)
            {
                long end = offset + (shape.Aggregate(1L, (a, b) => a * b) * sizeof(float));
                WriteTensor(json, name, new Tensor(Float32, shape, offset, end));
                offset = end;
            }
            json.WriteEndObject();
        }
        while (buffer.Length % HeaderAlignment != 0) buffer.WriteByte((byte)' ');
        byte[] header = buffer.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - LengthBytes);
        return header;
    }

    /// <summary>Reads and checks a header; the stream then stands at the first tensor byte.</summary>
    /// <exception cref="ModelFormatException">The header is not one, or its tensors do not cover the rest of the file exactly.</exception>
    public static Safetensors ReadHeader(Stream stream, string name)
    {
        Span<byte> lengthBytes = stackalloc byte[LengthBytes];
        long available = stream.Length - stream.Position;
        if (available < LengthBytes) throw Bad(name, $"the file has {available} bytes, a model starts with {LengthBytes} bytes of header length");
        stream.ReadExactly(lengthBytes);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        long rest = available - LengthBytes;
        if (length > MaxHeaderBytes) throw Bad(name, $"bytes 0–7 say that the header has {length} bytes, over the limit of {MaxHeaderBytes}: neither safetensors nor ONNX");
        if ((long)length > rest) throw Bad(name, $"the header has {length} bytes but only {rest} follow: the file is truncated or not safetensors");
        byte[] header = new byte[(int)length];
        stream.ReadExactly(header);
        Safetensors result = new();
        try
        {
            result.Parse(header);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ModelFormatException($"{name}: the header (bytes 8–{7 + (long)length}) is not valid: {OneLine(e.Message)}", e);
        }
        result.CheckCover(rest - (long)length, name);
        return result;
    }

    /// <summary>The tensor of a name, and the name as a string.</summary>
    public bool TryFind(ReadOnlySpan<char> name, [NotNullWhen(true)] out string? found, out Tensor tensor) =>
        Tensors.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out found, out tensor);

    /// <summary>Text of a file as a message may show it: short, without control characters.</summary>
    public static string Quote(string text)
    {
        const int most = 60;
        string shown = string.Concat(text.Take(most).Select(c => char.IsControl(c) ? '\uFFFD' : c));
        return text.Length > most ? $"'{shown}…'" : $"'{shown}'";
    }

    private static ModelFormatException Bad(string name, string what) => new($"{name}: {what}.");

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").TrimEnd('.', ' ');

    private static void WriteTensor(Utf8JsonWriter json, string name, Tensor tensor)
    {
        json.WriteStartObject(name);
        json.WriteString("dtype", tensor.DType);
        json.WriteStartArray("shape");
        foreach (long size in tensor.Shape) json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(tensor.Start);
        json.WriteNumberValue(tensor.End);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Parse(byte[] header)
    {
        // The format forbids invalid UTF-8 and duplicate names: the reader checks the first, the dictionaries the second.
        var json = new Utf8JsonReader(header);
        Expect(ref json, JsonTokenType.StartObject);
        while (NextProperty(ref json, out string name))
        {
            if (name == MetadataName) ParseMetadata(ref json);
            else if (!Tensors.TryAdd(name, ParseTensor(ref json, name))) throw new JsonException($"tensor {Quote(name)} stands twice");
        }
        if (json.Read()) throw new JsonException("text after the header's object");
    }

    private void ParseMetadata(ref Utf8JsonReader json)
    {
        Expect(ref json, JsonTokenType.StartObject);
        while (NextProperty(ref json, out string key))
        {
            Expect(ref json, JsonTokenType.String);
            if (Metadata.Count == ModelMetadata.MostEntries) throw new JsonException($"more than {ModelMetadata.MostEntries} entries of metadata");
            if (!Metadata.TryAdd(key, json.GetString()!)) throw new JsonException($"metadata {Quote(key)} stands twice");
        }
    }

    private static Tensor ParseTensor(ref Utf8JsonReader json, string name)
    {
        string? dtype = null;
        long[]? shape = null;
        Span<long> numbers = stackalloc long[MostDimensions];
        (long Start, long End)? offsets = null;
        Expect(ref json, JsonTokenType.StartObject);
        // A header is mostly these names: none is made a string.
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("dtype"u8)) dtype = ParseType(ref json);
            else if (json.ValueTextEquals("shape"u8)) shape = numbers[..ParseNumbers(ref json, numbers)].ToArray();
            else if (json.ValueTextEquals("data_offsets"u8)) offsets = ParseNumbers(ref json, numbers) == 2 ? (numbers[0], numbers[1]) : null;
            else throw new JsonException($"tensor {Quote(name)} has an unknown field {Quote(json.GetString()!)}");
        }
        if (dtype is null || shape is null || offsets is not (long start, long end))
            throw new JsonException($"tensor {Quote(name)} needs dtype, shape and two data_offsets");
        return new Tensor(dtype, shape, start, end);
    }

    private static string? ParseType(ref Utf8JsonReader json)
    {
        Expect(ref json, JsonTokenType.String);
        return json.ValueTextEquals(Float32) ? Float32 : json.GetString();
    }

    private static int ParseNumbers(ref Utf8JsonReader json, scoped Span<long> numbers)
    {
        int count = 0;
        Expect(ref json, JsonTokenType.StartArray);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out long number) || number < 0 || count == numbers.Length)
                throw new JsonException("shape and data_offsets are short lists of whole numbers from 0");
            numbers[count++] = number;
        }
        return count;
    }

    private static bool NextProperty(ref Utf8JsonReader json, out string name)
    {
        json.Read();
        bool isProperty = json.TokenType == JsonTokenType.PropertyName;
        name = isProperty ? json.GetString()! : "";
        return isProperty;
    }

    private static void Expect(ref Utf8JsonReader json, JsonTokenType token)
    {
        if (!json.Read() || json.TokenType != token) throw new JsonException($"expected {token} at header byte {json.TokenStartIndex}");
    }

    private void CheckCover(long dataBytes, string name)
    {
        long covered = 0;
        var parts = new (long Start, long End, string Name)[Tensors.Count];
        int count = 0;
        foreach ((string tensor, Tensor t) in Tensors) parts[count++] = (t.Start, t.End, tensor);
        Array.Sort(parts);
        foreach ((long start, long end, string tensor) in parts)
        {
            if (start != covered || end < start) throw Bad(name, $"tensor {Quote(tensor)} has bytes {start}–{end} where byte {covered} should be next");
            covered = end;
        }
        if (covered != dataBytes) throw Bad(name, $"the tensors need {covered} bytes after the header, the file has {dataBytes}");
    }
}
