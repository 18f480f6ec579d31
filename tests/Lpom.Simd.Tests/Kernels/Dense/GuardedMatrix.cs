using System.Runtime.InteropServices;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Tests.Kernels.Dense;

/// <summary>
/// A matrix whose last element ends, or whose first element starts, at a page that cannot be touched: an access out of range ends the
/// process. The gaps between its rows hold a known value, and <see cref="CheckGaps"/> finds a write there.
/// </summary>
internal sealed unsafe partial class GuardedMatrix : IDisposable
{
    private const int Page = 4096;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private const float Gap = -12345.678f;

    private readonly byte* mapping;
    private readonly nuint mappingLength;
    private readonly float* data;
    private readonly int length;

    public GuardedMatrix(int rows, int cols, int gap = 0, bool atStart = false)
    {
        Assert.True(OperatingSystem.IsLinux(), "Guard pages are set up for Linux.");
        Rows = rows;
        Cols = cols;
        Stride = cols + gap;
        length = rows == 0 ? 0 : ((rows - 1) * Stride) + cols;
        nuint inner = ((nuint)length * sizeof(float) + Page - 1) / Page * Page;
        mappingLength = inner + (2 * Page);
        mapping = Map(null, mappingLength, 0, PrivateAnonymous, -1, 0);
        Assert.NotEqual(-1, (nint)mapping);
        if (inner > 0) Assert.Equal(0, Protect(mapping + Page, inner, ReadWrite));
        data = (float*)(mapping + Page);
        if (!atStart) data = (float*)(mapping + Page + inner) - length;
        new Span<float>(data, length).Fill(Gap);
    }

    public int Rows { get; }

    public int Cols { get; }

    public int Stride { get; }

    public MatrixView View => new(new Span<float>(data, length), Rows, Cols, Stride);

    public GuardedMatrix Fill(Func<int, int, float> value)
    {
        for (int row = 0; row < Rows; row++)
        {
            for (int col = 0; col < Cols; col++) data[(row * Stride) + col] = value(row, col);
        }
        return this;
    }

    public void CheckGaps()
    {
        for (int row = 0; row < Rows - 1; row++)
        {
            for (int i = (row * Stride) + Cols; i < (row + 1) * Stride; i++) Assert.Equal(Gap, data[i]);
        }
    }

    public void Dispose() => _ = Unmap(mapping, mappingLength);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint length);
}
