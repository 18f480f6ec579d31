using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Lpom.Data;

/// <summary>The type of an NPY array's values: <c>&lt;f4</c> is float32, little-endian.</summary>
/// <param name="Kind">b for bool, u and i for integers without and with sign, f for floating point.</param>
/// <param name="Size">Bytes of a value: 1, 2, 4 or 8.</param>
/// <param name="IsBigEndian">The most significant byte comes first.</param>
internal readonly record struct NpyType(char Kind, int Size, bool IsBigEndian)
{
    /// <summary>Bytes as images have them.</summary>
    public static NpyType UInt8 { get; } = new('u', 1, IsBigEndian: false);

    /// <summary>Values 0…255, or 0 and 1, which bytes hold.</summary>
    public bool FitsBytes => Size == 1 && Kind is 'u' or 'b';

    /// <summary>numpy's name.</summary>
    public string Name => Kind switch
    {
        'b' => "bool",
        'u' => $"uint{8 * Size}",
        'i' => $"int{8 * Size}",
        _ => $"float{8 * Size}",
    };

    /// <summary>Reads numpy's short form; null for a type that holds no real numbers, or is none.</summary>
    public static NpyType? Parse(ReadOnlySpan<byte> descr)
    {
        if (descr.Length != 3 || !int.TryParse(descr[2..], NumberStyles.None, CultureInfo.InvariantCulture, out int size))
            return null;
        bool isKnown = ((char)descr[1], size) is ('b', 1) or ('u' or 'i', 1 or 2 or 4 or 8) or ('f', 2 or 4 or 8);
        bool isOrdered = descr[0] is (byte)'<' or (byte)'>' || descr[0] == '|' && size == 1;
        return isKnown && isOrdered ? new NpyType((char)descr[1], size, descr[0] == '>') : null;
    }

    /// <summary>Converts values as C# casts them: integers and float64 to the nearest float32.</summary>
    /// <param name="raw">[values.Length · Size] bytes; big-endian ones are overwritten.</param>
    /// <param name="values">Overwritten.</param>
    public void Decode<T>(Span<byte> raw, Span<T> values)
        where T : INumberBase<T>
    {
        if (IsBigEndian)
            Reverse(raw);
        switch (Kind, Size)
        {
            case ('b', _): DecodeBool(raw, values); break;
            case ('u', 1): Convert<byte, T>(raw, values); break;
            case ('u', 2): Convert<ushort, T>(raw, values); break;
            case ('u', 4): Convert<uint, T>(raw, values); break;
            case ('u', _): Convert<ulong, T>(raw, values); break;
            case ('i', 1): Convert<sbyte, T>(raw, values); break;
            case ('i', 2): Convert<short, T>(raw, values); break;
            case ('i', 4): Convert<int, T>(raw, values); break;
            case ('i', _): Convert<long, T>(raw, values); break;
            case (_, 2): Convert<Half, T>(raw, values); break;
            case (_, 4): Convert<float, T>(raw, values); break;
            default: Convert<double, T>(raw, values); break;
        }
    }

    /// <summary>For messages: what <see cref="Parse"/> takes.</summary>
    public static string Expected => "expected numbers: bool, int8…int64, uint8…uint64, float16, float32 or float64";

    /// <summary>numpy's short form for a message, of a type that may be none of ours.</summary>
    public static string Quote(ReadOnlySpan<byte> descr) => $"'{CsvRowReader.Printable(descr)}'";

    private void Reverse(Span<byte> raw)
    {
        switch (Size)
        {
            case 2: Reverse(MemoryMarshal.Cast<byte, ushort>(raw)); break;
            case 4: Reverse(MemoryMarshal.Cast<byte, uint>(raw)); break;
            case 8: Reverse(MemoryMarshal.Cast<byte, ulong>(raw)); break;
            default: break;
        }
    }

    private static void Reverse(Span<ushort> values) => BinaryPrimitives.ReverseEndianness(values, values);

    private static void Reverse(Span<uint> values) => BinaryPrimitives.ReverseEndianness(values, values);

    private static void Reverse(Span<ulong> values) => BinaryPrimitives.ReverseEndianness(values, values);

    // numpy takes every byte but 0 for true.
    private static void DecodeBool<T>(ReadOnlySpan<byte> raw, Span<T> values)
        where T : INumberBase<T>
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = raw[i] == 0 ? T.Zero : T.One;
    }

    private static void Convert<TRaw, T>(ReadOnlySpan<byte> raw, Span<T> values)
        where TRaw : unmanaged, INumberBase<TRaw>
        where T : INumberBase<T>
    {
        ReadOnlySpan<TRaw> typed = MemoryMarshal.Cast<byte, TRaw>(raw)[..values.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = T.CreateTruncating(typed[i]);
    }
}
