using System.Numerics;

namespace Lpom.Data;

/// <summary>
/// An NPY array whose header has been read and checked, so that what it declares may be allocated. Seen as rows: the first
/// index, and the others as one column index in C order. Its values are read once.
/// </summary>
internal sealed class NpyArray : IDisposable
{
    private const int ChunkValues = 8192;

    private readonly ByteInput _input;

    private NpyArray(ByteInput input, NpyHeader header)
    {
        _input = input;
        Header = header;
        if (Header.Rows > int.MaxValue || (UInt128)Header.Rows * (ulong)Header.RowLength > (ulong)Array.MaxLength)
            throw new DataFormatException(input.Path, $"the NPY header declares {Header.Description}; expected at most {Array.MaxLength} values.");
        (Rows, RowLength) = ((int)header.Rows, (int)header.RowLength);
    }

    public string Path => _input.Path;

    public NpyHeader Header { get; }

    public int Rows { get; }

    public int RowLength { get; }

    /// <summary>Number of values.</summary>
    public int Length => Rows * RowLength;

    /// <summary>Bytes of the values.</summary>
    public long ContentBytes => (long)Length * Header.Type.Size;

    /// <summary>Takes the input, and disposes of it also when it fails.</summary>
    /// <exception cref="DataFormatException">Not an array of numbers, or one that memory does not hold, or the input is shorter or longer.</exception>
    public static NpyArray Open(ByteInput input)
    {
        try
        {
            return new NpyArray(input, NpyHeader.Read(input));
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    /// <summary>The array whose header has been read from the input.</summary>
    /// <exception cref="DataFormatException">Memory does not hold it.</exception>
    public static NpyArray Of(ByteInput input, NpyHeader header) => new(input, header);

    public void Dispose() => _input.Dispose();

    /// <summary>Reads all values in the file's order, and verifies that they end there.</summary>
    /// <param name="put">Given row, column and value.</param>
    public void ReadValues<T>(Action<int, int, T> put)
        where T : INumberBase<T>
    {
        var raw = new byte[ChunkValues * Header.Type.Size];
        var values = new T[ChunkValues];
        var position = new Position(Header);
        for (int left = Length; left > 0; left -= ChunkValues)
        {
            Span<T> chunk = values.AsSpan(0, Math.Min(ChunkValues, left));
            ReadChunk(raw, chunk);
            foreach (T value in chunk)
            {
                put(position.Row, position.Column, value);
                position.Next();
            }
        }

        _input.ExpectEnd("the values");
    }

    /// <summary>Reads all values as float32.</summary>
    /// <param name="values">[Rows × RowLength] from <paramref name="start"/> on, row-major.</param>
    /// <param name="start">Place of the first value.</param>
    /// <exception cref="DataFormatException">A value is not finite in float32: with its index.</exception>
    public void ReadFloats(float[] values, int start)
    {
        if (!Header.IsRowMajor)
        {
            ReadValues<float>((row, column, value) => values[start + row * RowLength + column] = Finite(row, column, value));
            return;
        }

        var raw = new byte[ChunkValues * Header.Type.Size];
        for (int left = Length; left > 0; left -= ChunkValues)
        {
            int first = Length - left;
            Span<float> chunk = values.AsSpan(start + first, Math.Min(ChunkValues, left));
            ReadChunk(raw, chunk);
            for (int i = 0; i < chunk.Length; i++)
            {
                if (!float.IsFinite(chunk[i]))
                    throw NotFinite(Path, Header, (first + i) / RowLength, (first + i) % RowLength, chunk[i]);
            }
        }

        _input.ExpectEnd("the values");
    }

    /// <summary>Reads all values of a type that bytes hold.</summary>
    /// <param name="values">[Rows × RowLength] from <paramref name="start"/> on, row-major.</param>
    /// <param name="start">Place of the first value.</param>
    public void ReadBytes(byte[] values, int start)
    {
        if (!Header.IsRowMajor || Header.Type.Kind == 'b')
        {
            ReadValues<byte>((row, column, value) => values[start + row * RowLength + column] = value);
            return;
        }

        _input.ReadExactly(values.AsSpan(start, Length), "the values");
        _input.ExpectEnd("the values");
    }

    /// <summary>The value, when it is finite.</summary>
    public float Finite(int row, int column, float value) =>
        float.IsFinite(value) ? value : throw NotFinite(Path, Header, row, column, value);

    /// <summary>An error at a value, named as numpy indexes it: <c>[2, 0, 5]</c>.</summary>
    public DataFormatException Error(int row, int column, string problem) => Error(Path, Header, row, column, problem);

    /// <summary>The error of a value that is not finite.</summary>
    public static DataFormatException NotFinite(string path, NpyHeader header, long row, long column, float value) =>
        Error(path, header, row, column, FormattableString.Invariant($"is {value}; expected a finite number below 3.4e38 in size"));

    private void ReadChunk<T>(byte[] raw, Span<T> values)
        where T : INumberBase<T>
    {
        Span<byte> bytes = raw.AsSpan(0, values.Length * Header.Type.Size);
        _input.ReadExactly(bytes, "the values");
        Header.Type.Decode(bytes, values);
    }

    private static DataFormatException Error(string path, NpyHeader header, long row, long column, string problem)
    {
        var index = new long[header.Shape.Count];
        for (int dimension = index.Length - 1; dimension > 0; dimension--)
            (column, index[dimension]) = Math.DivRem(column, header.Shape[dimension]);
        index[0] = row;
        return new DataFormatException(path, $"value [{string.Join(", ", index)}] {problem}.");
    }

    /// <summary>Row and column of a value, in the order of the file.</summary>
    private struct Position
    {
        private readonly NpyHeader _header;
        private readonly bool _isRowMajor;
        private readonly int _rows;
        private readonly int _rowLength;
        private readonly long[] _index;

        public Position(NpyHeader header)
        {
            _header = header;
            _isRowMajor = header.IsRowMajor;
            (_rows, _rowLength) = ((int)header.Rows, (int)header.RowLength);
            _index = new long[header.Shape.Count];
        }

        public int Row { get; private set; }

        public int Column { get; private set; }

        public void Next()
        {
            if (_isRowMajor)
            {
                if (++Column == _rowLength)
                    (Row, Column) = (Row + 1, 0);
                return;
            }

            if (++Row == _rows)
                (Row, Column) = (0, NextColumn());
        }

        /// <summary>The second index runs fastest; the column counts as if the last did.</summary>
        private readonly int NextColumn()
        {
            for (int dimension = 1; dimension < _index.Length; dimension++)
            {
                if (++_index[dimension] < _header.Shape[dimension])
                    break;
                _index[dimension] = 0;
            }

            long column = 0;
            for (int dimension = 1; dimension < _index.Length; dimension++)
                column = column * _header.Shape[dimension] + _index[dimension];
            return (int)column;
        }
    }
}
