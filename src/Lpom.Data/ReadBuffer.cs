using System.Buffers;

namespace Lpom.Data;

/// <summary>Bytes that have been read ahead from an input, and are not used yet. Allocates only when more than ever before are kept.</summary>
/// <remarks>Its memory is pooled: a file that is read again is read into the same.</remarks>
/// <param name="input">Where they come from.</param>
/// <param name="size">Bytes that it holds at first.</param>
/// <param name="maxSize">Bytes that it grows to, at most.</param>
internal sealed class ReadBuffer(ByteInput input, int size, int maxSize) : IDisposable
{
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(size);
    private int _size = size;
    private int _end;

    /// <summary>The input has ended: nothing follows the unread bytes.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>Where the unread bytes start.</summary>
    public int Start { get; private set; }

    /// <summary>The bytes that are not used yet; valid until <see cref="TryFill"/>.</summary>
    public Span<byte> Unread => _bytes.AsSpan(Start, _end - Start);

    /// <summary>Bytes of the buffer, used ones too; valid until <see cref="TryFill"/>.</summary>
    public Span<byte> Slice(int start, int length) => _bytes.AsSpan(start, length);

    /// <summary>Uses bytes.</summary>
    public void Skip(int count) => Start += count;

    /// <summary>Reads once from the input, which may wait; false, and nothing is read, when the buffer is full of unread bytes.</summary>
    public bool TryFill()
    {
        Unread.CopyTo(_bytes);
        _end -= Start;
        Start = 0;
        if (_end == maxSize)
            return false;
        if (_end == _size)
            Grow();
        int read = input.Read(_bytes.AsSpan(_end, _size - _end));
        _end += read;
        AtEnd = read == 0;
        return true;
    }

    /// <summary>Gives the memory back; nothing is read any more.</summary>
    public void Dispose()
    {
        if (_bytes.Length == 0)
            return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Grow()
    {
        _size = (int)Math.Min(2L * _size, maxSize);
        byte[] larger = ArrayPool<byte>.Shared.Rent(_size);
        Unread.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
