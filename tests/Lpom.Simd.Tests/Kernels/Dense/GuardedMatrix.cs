using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Kernels.Dense;

/// <summary>
/// A matrix between guard pages: an access out of range ends the process. The gaps between its rows hold a known value, and
/// <see cref="CheckGaps"/> finds a write there.
/// </summary>
internal sealed class GuardedMatrix : IDisposable
{
    private const float Gap = -12345.678f;

    private readonly GuardedBuffer _buffer;

    public GuardedMatrix(int rows, int cols, int gap = 0, bool atStart = false)
    {
        Rows = rows;
        Cols = cols;
        Stride = cols + gap;
        _buffer = new GuardedBuffer(rows == 0 ? 0 : ((rows - 1) * Stride) + cols, atEnd: !atStart);
        _buffer.Span.Fill(Gap);
    }

    public int Rows { get; }

    public int Cols { get; }

    public int Stride { get; }

    public MatrixView View => new(_buffer.Span, Rows, Cols, Stride);

    public GuardedMatrix Fill(Func<int, int, float> value)
    {
        MatrixView view = View;
        for (int row = 0; row < Rows; row++)
        {
            Span<float> values = view.Row(row);
            for (int col = 0; col < Cols; col++) values[col] = value(row, col);
        }
        return this;
    }

    public void CheckGaps()
    {
        Span<float> data = _buffer.Span;
        for (int row = 0; row < Rows - 1; row++)
        {
            foreach (float value in data[((row * Stride) + Cols)..((row + 1) * Stride)]) Assert.Equal(Gap, value);
        }
    }

    public void Dispose() => _buffer.Dispose();
}
