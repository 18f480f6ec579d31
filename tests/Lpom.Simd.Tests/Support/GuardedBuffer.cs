using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Lpom.Simd.Tests.Support;

/// <summary>
/// Floats that touch an inaccessible page at their start or end: a kernel that reads or writes one element too far ends the process.
/// </summary>
internal sealed unsafe partial class GuardedBuffer : IDisposable
{
    private const int NoAccess = 0, ReadWrite = 3, PrivateAnonymous = 0x22;

    private readonly nint _mapping;
    private readonly nuint _bytes;
    private readonly float* _start;
    private readonly int _length;

    public GuardedBuffer(int length, bool atEnd)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        nuint data = Math.Max(1, (((nuint)length * sizeof(float)) + page - 1) / page) * page;
        _bytes = data + (2 * page);
        _mapping = Map(0, _bytes, NoAccess, PrivateAnonymous, -1, 0);
        if (_mapping == -1) throw new Win32Exception(Marshal.GetLastPInvokeError());
        nint first = _mapping + (nint)page;
        if (Protect(first, data, ReadWrite) != 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
        _start = (float*)(atEnd ? first + (nint)data - (length * sizeof(float)) : first);
        _length = length;
    }

    public GuardedBuffer(ReadOnlySpan<float> contents, bool atEnd)
        : this(contents.Length, atEnd) => contents.CopyTo(Span);

    public Span<float> Span => new(_start, _length);

    public void Dispose() => _ = Unmap(_mapping, _bytes);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
