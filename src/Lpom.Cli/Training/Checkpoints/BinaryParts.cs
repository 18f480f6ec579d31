using System.Text;

namespace Lpom.Cli.Training.Checkpoints;

/// <summary>Values of a checkpoint that are more than a number: nothing in the file decides on a size beyond the file's own.</summary>
internal static class BinaryParts
{
    /// <summary>Bytes behind the present place.</summary>
    public static long Left(this BinaryReader reader) => reader.BaseStream.Length - reader.BaseStream.Position;

    public static void WriteText(this BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    /// <exception cref="InvalidDataException">Longer than what is left.</exception>
    public static string ReadText(this BinaryReader reader)
    {
        int length = reader.ReadInt32();
        Check(length, reader.Left());
        return Encoding.UTF8.GetString(reader.ReadBytes(length));
    }

    /// <exception cref="InvalidDataException">Out of its range.</exception>
    public static int ReadCount(this BinaryReader reader, int most)
    {
        int count = reader.ReadInt32();
        Check(count, most);
        return count;
    }

    /// <summary>The length of what follows.</summary>
    /// <exception cref="InvalidDataException">More than what is left.</exception>
    public static long ReadLength(this BinaryReader reader)
    {
        long length = reader.ReadInt64();
        Check(length, reader.Left());
        return length;
    }

    /// <exception cref="InvalidDataException">Not finite.</exception>
    public static double ReadFinite(this BinaryReader reader)
    {
        double value = reader.ReadDouble();
        return double.IsFinite(value) ? value : throw new InvalidDataException($"a figure of it is {value}");
    }

    private static void Check(long count, long most)
    {
        if (count < 0 || count > most)
            throw new InvalidDataException($"it says {count} where at most {most} are expected");
    }
}
