using System.Runtime.InteropServices;
using System.Text;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Training.State;

/// <summary>Reads what <see cref="StateWriter"/> wrote, into memory that is there already: nothing in the stream decides on a size.</summary>
internal sealed class StateReader : IStateVisitor, IDisposable
{
    private const int MaxKindLength = 100;

    private readonly BinaryReader _reader;

    /// <param name="stream">Where from; stays open.</param>
    /// <param name="kind">Of the trainer.</param>
    /// <exception cref="InvalidDataException">No state, of another version or of another kind of trainer.</exception>
    /// <exception cref="EndOfStreamException">The stream ends.</exception>
    public StateReader(Stream stream, string kind)
    {
        _reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
        if (_reader.ReadUInt64() != StateFormat.Magic) throw new InvalidDataException("This is no trainer's state.");
        int version = _reader.ReadInt32();
        if (version != StateFormat.Version) throw new InvalidDataException($"The trainer's state has version {version}, this program reads version {StateFormat.Version}.");
        string found = ReadKind();
        if (found != kind) throw new InvalidDataException($"The state is of a {found}, not of a {kind}.");
    }

    public void Visit(MatrixView matrix)
    {
        Expect(StateTag.Matrix);
        (int rows, int cols) = (_reader.ReadInt32(), _reader.ReadInt32());
        if ((rows, cols) != (matrix.Rows, matrix.Cols))
            throw new InvalidDataException($"The state has a matrix [{rows} × {cols}] where the trainer has [{matrix.Rows} × {matrix.Cols}].");
        for (int row = 0; row < rows; row++)
        {
            _reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(matrix.Row(row)));
            StateFormat.CheckRow(matrix, row);
        }
    }

    public void Visit(ref int value)
    {
        Expect(StateTag.Int32);
        value = _reader.ReadInt32();
        if (value < 0) throw new InvalidDataException($"The state has a count of {value}, expected at least 0.");
    }

    public void Visit(ref float value)
    {
        Expect(StateTag.Float32);
        value = _reader.ReadSingle();
        StateFormat.Check(value);
    }

    public void Visit(ref double value)
    {
        Expect(StateTag.Float64);
        value = _reader.ReadDouble();
        StateFormat.Check(value);
    }

    public void Visit(ref bool value)
    {
        Expect(StateTag.Boolean);
        value = _reader.ReadBoolean();
    }

    /// <summary>Checks that there is no more.</summary>
    public void End() => Expect(StateTag.End);

    public void Dispose() => _reader.Dispose();

    private void Expect(StateTag tag)
    {
        var found = (StateTag)_reader.ReadByte();
        if (found != tag) throw new InvalidDataException($"The state has {found} where the trainer has {tag}: it is of one with other options.");
    }

    // A length of one byte, as all names of trainers have.
    private string ReadKind()
    {
        int length = _reader.ReadByte();
        if (length > MaxKindLength) throw new InvalidDataException("This is no trainer's state.");
        Span<byte> text = stackalloc byte[MaxKindLength];
        _reader.BaseStream.ReadExactly(text[..length]);
        return Encoding.UTF8.GetString(text[..length]);
    }
}
