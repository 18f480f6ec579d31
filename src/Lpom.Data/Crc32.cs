using System.Buffers.Binary;

namespace Lpom.Data;

/// <summary>The checksum of ZIP files: CRC-32 of ISO 3309, reflected polynomial EDB88320, eight bytes at a time.</summary>
internal struct Crc32()
{
    private const int Step = 8;

    // Entry [k · 256 + b]: what the byte b adds when k bytes follow it.
    private static readonly uint[] Table = MakeTable();

    private uint _state = uint.MaxValue;

    /// <summary>The checksum of all bytes so far.</summary>
    public readonly uint Value => ~_state;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        uint[] table = Table;
        uint state = _state;
        for (; bytes.Length >= Step; bytes = bytes[Step..])
        {
            ulong next = BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ state;
            state = 0;
            for (int following = Step - 1; following >= 0; following--, next >>= 8)
                state ^= table[(following << 8) | (byte)next];
        }

        foreach (byte value in bytes)
            state = table[(byte)(state ^ value)] ^ (state >> 8);
        _state = state;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[Step * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint entry = i;
            for (int bit = 0; bit < 8; bit++)
                entry = (entry >> 1) ^ ((entry & 1) != 0 ? 0xEDB88320u : 0);
            table[i] = entry;
        }

        for (int i = 256; i < table.Length; i++)
            table[i] = table[(byte)table[i - 256]] ^ (table[i - 256] >> 8);
        return table;
    }
}
