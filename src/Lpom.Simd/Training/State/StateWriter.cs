using System.Runtime.InteropServices;
using System.Text;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Training.State;

/// <summary>Writes a trainer's state: its kind, then each value behind its tag, little endian. What could not be read again is not written.</summary>
internal sealed class StateWriter : IStateVisitor, IDisposable
{
    private readonly BinaryWriter _writer;

    /// <param name="stream">Where to; stays open.</param>
    /// <param name="kind">Of the trainer.</param>
    public StateWriter(Stream stream, string kind)
    {
        _writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        _writer.Write(StateFormat.Magic);
        _writer.Write(StateFormat.Version);
        _writer.Write(kind);
    }

    public void Visit(MatrixView matrix)
    {
        _writer.Write((byte)StateTag.Matrix);
        _writer.Write(matrix.Rows);
        _writer.Write(matrix.Cols);
        for (int row = 0; row < matrix.Rows; row++)
        {
            StateFormat.CheckRow(matrix, row);
            _writer.Write(MemoryMarshal.AsBytes(matrix.Row(row)));
        }
    }

    public void Visit(ref int value)
    {
        _writer.Write((byte)StateTag.Int32);
        _writer.Write(value);
    }

    public void Visit(ref float value)
    {
        StateFormat.Check(value);
        _writer.Write((byte)StateTag.Float32);
        _writer.Write(value);
    }

    public void Visit(ref double value)
    {
        StateFormat.Check(value);
        _writer.Write((byte)StateTag.Float64);
        _writer.Write(value);
    }

    public void Visit(ref bool value)
    {
        _writer.Write((byte)StateTag.Boolean);
        _writer.Write(value);
    }

    /// <summary>Marks the end.</summary>
    public void End()
    {
        _writer.Write((byte)StateTag.End);
        _writer.Flush();
    }

    public void Dispose() => _writer.Dispose();
}
