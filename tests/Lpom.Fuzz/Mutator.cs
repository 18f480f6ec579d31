using System.Buffers.Binary;

namespace Lpom.Fuzz;

/// <summary>Makes files that are nearly right: one to a few changes of a kind that readers may not expect.</summary>
/// <param name="random">Decides on everything.</param>
/// <param name="isText">Whether tokens of text are exchanged too.</param>
internal sealed class Mutator(Random random, bool isText)
{
    private const int MostChanges = 4, MostBytes = 1 << 14, HeaderBytes = 512;

    private static readonly long[] Numbers =
        [0, 1, -1, 2, 7, 8, 127, 128, 255, 256, 32767, 32768, 65535, 65536, int.MaxValue, int.MinValue, uint.MaxValue, (long)int.MaxValue + 1, long.MaxValue, long.MinValue, 1L << 40];

    private static readonly string[] Tokens =
        ["0", "-0", "1e400", "-1e-400", "NaN", "inf", "1e30", "99999999999999999999", "\"", "\"\"", ",", ";", "\t", "\n", "\r\n", "\r", " ", "\0", "\u00e4", "\ufeff", "{", "}", "[", "]", ":", "'", "(", ")", "True", "null", "F32", "<f4", ">i8", "|O", "../", "é\"\n,", "\\ud800"];

    public byte[] Mutate(byte[] seed, byte[] other)
    {
        byte[] bytes = seed;
        int changes = 1 + random.Next(MostChanges);
        for (int i = 0; i < changes; i++)
            bytes = Change(bytes, other);
        return bytes.Length <= MostBytes ? bytes : bytes[..MostBytes];
    }

    /// <summary>Changes a place or two, most of them in the header, and rarely cuts off.</summary>
    public byte[] MutateLarge(byte[] seed)
    {
        byte[] bytes = [.. seed];
        for (int changes = 1 + random.Next(2); changes > 0; changes--)
        {
            int at = random.Next(random.Next(4) == 0 ? bytes.Length : Math.Min(bytes.Length, HeaderBytes));
            if (random.Next(2) == 0)
                bytes[at] = (byte)random.Next(256);
            else
                WriteNumber(bytes.AsSpan(at));
        }

        return random.Next(8) == 0 ? bytes[..random.Next(bytes.Length)] : bytes;
    }

    private byte[] Change(byte[] bytes, byte[] other)
    {
        if (bytes.Length == 0)
            return other;
        int at = random.Next(bytes.Length), length = 1 + random.Next(Math.Min(32, bytes.Length - at));
        return random.Next(isText ? 11 : 9) switch
        {
            0 => Copy(bytes, copy => copy[at] ^= (byte)(1 << random.Next(8))),
            1 => Copy(bytes, copy => copy[at] = (byte)random.Next(256)),
            2 => Copy(bytes, copy => WriteNumber(copy.AsSpan(at))),
            3 => bytes[..at],
            4 => [.. bytes[..at], .. bytes[(at + length)..]],
            5 => [.. bytes[..at], .. bytes[at..(at + length)], .. bytes[at..]],
            6 => [.. bytes[..at], .. other[random.Next(other.Length + 1)..]],
            7 => [.. bytes[..at], .. RandomBytes(length), .. bytes[at..]],
            8 => Copy(bytes, copy => copy.AsSpan(at, length).Fill((byte)(random.Next(2) * 255))),
            9 => [.. bytes[..at], .. Token(), .. bytes[at..]],
            _ => [.. bytes[..at], .. Token(), .. bytes[Math.Min(bytes.Length, at + length)..]],
        };
    }

    private static byte[] Copy(byte[] bytes, Action<byte[]> change)
    {
        byte[] copy = [.. bytes];
        change(copy);
        return copy;
    }

    private byte[] Token() => System.Text.Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]);

    private byte[] RandomBytes(int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    // Lengths, shapes and offsets are 2, 4 or 8 bytes, of either end.
    private void WriteNumber(Span<byte> at)
    {
        long number = Numbers[random.Next(Numbers.Length)];
        bool isBig = random.Next(2) == 0;
        switch (random.Next(3))
        {
            case 0 when at.Length >= 8:
                if (isBig) BinaryPrimitives.WriteInt64BigEndian(at, number);
                else BinaryPrimitives.WriteInt64LittleEndian(at, number);
                break;
            case 1 when at.Length >= 4:
                if (isBig) BinaryPrimitives.WriteInt32BigEndian(at, (int)number);
                else BinaryPrimitives.WriteInt32LittleEndian(at, (int)number);
                break;
            default:
                if (at.Length < 2) at[0] = (byte)number;
                else if (isBig) BinaryPrimitives.WriteInt16BigEndian(at, (short)number);
                else BinaryPrimitives.WriteInt16LittleEndian(at, (short)number);
                break;
        }
    }
}
