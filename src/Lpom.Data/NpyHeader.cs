using System.Buffers.Binary;

namespace Lpom.Data;

/// <summary>
/// What stands before the values of an NPY file (versions 1.0, 2.0 and 3.0): magic, version, length, and a Python dictionary
/// of the type, the order and the shape.
/// </summary>
/// <param name="Type">Of every value.</param>
/// <param name="IsFortranOrder">The first index runs fastest, not the last.</param>
/// <param name="Shape">Length of each dimension.</param>
internal sealed record NpyHeader(NpyType Type, bool IsFortranOrder, IReadOnlyList<long> Shape)
{
    private const int MaxLength = 1 << 16, MaxDimensions = 64;

    /// <summary>How every NPY file starts.</summary>
    public static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>The first dimension.</summary>
    public long Rows => Shape[0];

    /// <summary>Values of a row: the product of the other dimensions, saturated.</summary>
    public long RowLength { get; } = Product(Shape.Skip(1));

    /// <summary>Rows stand one after the other, because the last index runs fastest or it makes no difference.</summary>
    public bool IsRowMajor { get; } = !IsFortranOrder || Shape.Count(length => length > 1) <= 1;

    /// <summary>Such as <c>float32 array of shape (60000, 28, 28)</c>.</summary>
    public string Description => $"a {Type.Name} array of shape ({string.Join(", ", Shape)}{(Shape.Count == 1 ? "," : "")})";

    /// <summary>Reads the header and checks it against the length of the input.</summary>
    /// <exception cref="DataFormatException">It is not a header, or what it declares is no array of rows, or is not what is there.</exception>
    public static NpyHeader Read(ByteInput input)
    {
        Span<byte> start = stackalloc byte[12];
        input.ReadExactly(start[..8], "magic and version of an NPY file");
        if (!start.StartsWith(Magic))
            throw new DataFormatException(input.Path, $"starts with the bytes {Convert.ToHexString(start[..6])}, expected {Convert.ToHexString(Magic)} (NPY).");
        (byte major, byte minor) = (start[6], start[7]);
        if ((major, minor) is not (1 or 2 or 3, 0))
            throw new DataFormatException(input.Path, $"is of NPY version {major}.{minor} (byte 6), expected 1.0, 2.0 or 3.0.");
        Span<byte> lengthBytes = start.Slice(8, major == 1 ? 2 : 4);
        input.ReadExactly(lengthBytes, "length of the NPY header");
        uint length = major == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(lengthBytes) : BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        if (length > MaxLength)
            throw new DataFormatException(input.Path, $"declares an NPY header of {length} bytes (byte 8), expected at most {MaxLength}.");
        byte[] text = new byte[length];
        input.ReadExactly(text, "NPY header");
        NpyHeader header = new NpyHeaderParser(text, input.Path, input.Position - length).Parse();
        header.Check(input);
        return header;
    }

    private static long Product(IEnumerable<long> lengths)
    {
        // A dimension of 0 may follow ones whose product 64 bits do not hold.
        if (lengths.Contains(0))
            return 0;
        UInt128 product = 1;
        foreach (long length in lengths)
            product = UInt128.Min(product * (ulong)length, long.MaxValue);
        return (long)product;
    }

    private void Check(ByteInput input)
    {
        if (Shape.Count is 0 or > MaxDimensions)
            throw new DataFormatException(input.Path, $"the NPY header declares {Description}; expected 1 to {MaxDimensions} dimensions, the first of which counts the rows.");
        if (Rows == 0 || RowLength == 0)
            throw new DataFormatException(input.Path, $"the NPY header declares {Description}; expected at least one row and one value.");
        UInt128 values = (UInt128)Product(Shape), content = (values * (ulong)Type.Size) + (ulong)input.Position;
        // Inputs are bytes or floats; a row's target is a double, then a class, and its place in the data set is another number.
        UInt128 allocated = (values * (ulong)(Type.FitsBytes ? sizeof(byte) : sizeof(float))) + ((ulong)Rows * (sizeof(double) + (3 * sizeof(int))));
        input.CheckDeclared(Description, Saturated(content), Saturated(allocated));
    }

    private static ulong Saturated(UInt128 bytes) => (ulong)UInt128.Min(bytes, long.MaxValue);
}
