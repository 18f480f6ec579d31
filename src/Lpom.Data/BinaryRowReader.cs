using System.Globalization;

namespace Lpom.Data;

/// <summary>
/// Reads rows of numbers one by one, in constant memory: of an NPY file or NPZ archive, of an IDX file of images, or raw bytes
/// without a header. A row is returned as soon as it is complete, so pipes work.
/// </summary>
/// <remarks>An NPY array in Fortran order has no rows one after the other: that of a file is read as a whole, that of a pipe refused.</remarks>
public sealed class BinaryRowReader : IDisposable
{
    private const int LeastBuffer = 64 << 10;

    private readonly ByteInput _input;
    private readonly IDisposable? _owner;
    private readonly NpyHeader _header;
    private readonly string _unit;
    private readonly bool _isCounted;
    private readonly float[]? _whole;
    private readonly ReadBuffer _buffer;
    private readonly int _rowBytes;

    private BinaryRowReader(ByteInput input, IDisposable? owner, NpyHeader header, string unit, bool isCounted, int features)
    {
        _input = input;
        _owner = owner;
        _header = header;
        _unit = unit;
        _isCounted = isCounted;
        Features = features;
        if (header.RowLength != features)
            throw new DataFormatException(input.Path, $"is {header.Description}: {header.RowLength} values a row, expected {features}.");
        long rowBytes = (long)features * header.Type.Size;
        if (rowBytes > Array.MaxLength / 2)
            throw new DataFormatException(input.Path, $"has {rowBytes} bytes a row, expected at most {Array.MaxLength / 2}.");
        _rowBytes = (int)rowBytes;
        if (!header.IsRowMajor)
            _whole = ReadWhole(input, header);
        int bufferBytes = _whole is null ? Math.Max(LeastBuffer, 2 * _rowBytes) : 1;
        _buffer = new ReadBuffer(input, bufferBytes, bufferBytes);
    }

    /// <summary>Values of a row.</summary>
    public int Features { get; }

    /// <summary>Number of rows read so far, bad ones counted.</summary>
    public long Rows { get; private set; }

    /// <summary>What a row is called, with its number from 0, such as <c>image 7</c>.</summary>
    public string Place(long row) => string.Create(CultureInfo.InvariantCulture, $"{_unit} {row}");

    /// <summary>Whether <see cref="Read"/> need not wait: the next row is here as a whole, or the end is.</summary>
    public bool HasRow => _whole is not null || _buffer.AtEnd || (IsDone ? _buffer.Unread.Length > 0 : _buffer.Unread.Length >= _rowBytes);

    private bool IsDone => _isCounted && Rows == _header.Rows;

    /// <summary>Opens an NPY file, plain or .gz.</summary>
    /// <param name="path">The file.</param>
    /// <param name="features">Values of a row, all dimensions but the first together; others are refused.</param>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">Not an NPY file, of rows of another length, or longer or shorter than its header declares.</exception>
    public static BinaryRowReader OpenNpy(string path, int features) => Npy(SourceFile.Open(path), owner: null, features);

    /// <summary>Opens the array of an NPZ archive to predict from: the only one, or that named x_test, x, data or images.</summary>
    /// <inheritdoc cref="OpenNpy" path="/param" />
    /// <inheritdoc cref="OpenNpy" path="/exception" />
    public static BinaryRowReader OpenNpz(string path, int features)
    {
        NpzArchive archive = NpzArchive.Open(path);
        try
        {
            return Npy(archive.OpenArray(ArrayNames.InputsOf(archive)), archive, features);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    /// <summary>Opens an IDX file of images, plain or .gz.</summary>
    /// <inheritdoc cref="OpenNpy" path="/param" />
    /// <inheritdoc cref="OpenNpy" path="/exception" />
    public static BinaryRowReader OpenIdx(string path, int features) => Idx(SourceFile.Open(path), features);

    /// <summary>Opens a file of bytes, a value each, plain or .gz.</summary>
    /// <inheritdoc cref="OpenNpy" path="/param" />
    /// <inheritdoc cref="OpenNpy" path="/exception" />
    public static BinaryRowReader OpenRaw(string path, int features) => Raw(SourceFile.Open(path), features);

    /// <summary>Reads a stream that gives an NPY file. Its header is read at once.</summary>
    /// <param name="stream">Not disposed of.</param>
    /// <param name="name">What errors call it.</param>
    /// <param name="features">Values of a row; others are refused.</param>
    /// <exception cref="DataFormatException">Not an NPY file, in Fortran order, or of rows of another length.</exception>
    public static BinaryRowReader ReadNpy(Stream stream, string name, int features) => Npy(new StreamInput(stream, name), owner: null, features);

    /// <summary>Reads a stream that gives an IDX file of images. Its header is read at once.</summary>
    /// <inheritdoc cref="ReadNpy" path="/param" />
    /// <exception cref="DataFormatException">Not an IDX file of images, or of another size.</exception>
    public static BinaryRowReader ReadIdx(Stream stream, string name, int features) => Idx(new StreamInput(stream, name), features);

    /// <summary>Reads a stream of bytes, a value each.</summary>
    /// <inheritdoc cref="ReadNpy" path="/param" />
    public static BinaryRowReader ReadRaw(Stream stream, string name, int features) => Raw(new StreamInput(stream, name), features);

    /// <summary>Reads once from the source, which may wait.</summary>
    /// <exception cref="DataFormatException">The source is damaged or cannot be read.</exception>
    public void ReadAhead() => _buffer.TryFill();

    /// <summary>Reads the next row; false at the end.</summary>
    /// <param name="row">[Features], overwritten.</param>
    /// <exception cref="DataFormatException">A value is not finite, and the next call goes on with the row after it; or the rows end too early or too late, and <see cref="Rows"/> is what it was.</exception>
    public bool Read(Span<float> row)
    {
        while (!HasRow)
            ReadAhead();
        if (IsDone)
        {
            if (_whole is null && _buffer.Unread.Length > 0)
                throw new DataFormatException(_input.Path, $"has bytes left over after {_header.Rows} rows, expected the end.");
            return false;
        }

        if (_whole is not null)
        {
            _whole.AsSpan((int)Rows * Features, Features).CopyTo(row);
        }
        else
        {
            if (_buffer.Unread.Length < _rowBytes)
                return EndsEarly();
            _header.Type.Decode(_buffer.Unread[.._rowBytes], row[..Features]);
            _buffer.Skip(_rowBytes);
        }

        Rows++;
        CheckFinite(row[..Features]);
        return true;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _buffer.Dispose();
        _input.Dispose();
        _owner?.Dispose();
    }

    private static BinaryRowReader Npy(ByteInput input, IDisposable? owner, int features) =>
        OrDispose(input, () => new BinaryRowReader(input, owner, NpyHeader.Read(input), "row", isCounted: true, features));

    private static BinaryRowReader Idx(ByteInput input, int features) => OrDispose(input, () =>
    {
        IdxFile file = IdxFile.OpenImages(input);
        if ((long)file.Height * file.Width != features)
            throw new DataFormatException(input.Path, $"images of {file.Height}×{file.Width} are {(long)file.Height * file.Width} values, expected {features}.");
        return new BinaryRowReader(input, owner: null, new NpyHeader(NpyType.UInt8, IsFortranOrder: false, [file.Count, features]), "image", isCounted: true, features);
    });

    private static BinaryRowReader Raw(ByteInput input, int features) =>
        OrDispose(input, () => new BinaryRowReader(input, owner: null, new NpyHeader(NpyType.UInt8, IsFortranOrder: false, [0, features]), "sample", isCounted: false, features));

    private static BinaryRowReader OrDispose(ByteInput input, Func<BinaryRowReader> open)
    {
        try
        {
            return open();
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    private static float[] ReadWhole(ByteInput input, NpyHeader header)
    {
        if (input is StreamInput)
            throw new DataFormatException(input.Path, "is an array in Fortran order, whose rows come together at its end only; expected C order, which np.ascontiguousarray gives, or the name of a file.");
        NpyArray array = NpyArray.Of(input, header);
        float[] values = GC.AllocateUninitializedArray<float>(array.Length);
        array.ReadValues<float>((row, column, value) => values[row * array.RowLength + column] = value);
        return values;
    }

    private bool EndsEarly()
    {
        int found = _buffer.Unread.Length;
        if (_isCounted)
            throw new DataFormatException(_input.Path, $"truncated: {_unit} {Rows} of {_header.Rows} has {found} of {_rowBytes} bytes.");
        if (found > 0)
            throw new DataFormatException(_input.Path, $"truncated: {_unit} {Rows} has {found} of {_rowBytes} bytes.");
        return false;
    }

    private void CheckFinite(ReadOnlySpan<float> row)
    {
        if (_header.Type.Kind != 'f')
            return;
        for (int column = 0; column < row.Length; column++)
        {
            if (!float.IsFinite(row[column]))
                throw NpyArray.NotFinite(_input.Path, _header, Rows - 1, column, row[column]);
        }
    }
}
