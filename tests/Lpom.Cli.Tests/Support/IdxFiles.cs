using System.Buffers.Binary;

namespace Lpom.Cli.Tests.Support;

/// <summary>Writes small sets in MNIST's format.</summary>
internal static class IdxFiles
{
    public const string TrainImages = "train-images-idx3-ubyte", TrainLabels = "train-labels-idx1-ubyte", TestImages = "t10k-images-idx3-ubyte", TestLabels = "t10k-labels-idx1-ubyte";

    /// <summary>60 and 20 images of 4×4 in two classes: bright above, bright below.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        WritePart(folder, TrainImages, TrainLabels, 60);
        WritePart(folder, TestImages, TestLabels, 20);
    }

    public static byte[] Images(int count, uint magic = 0x803, uint? declared = null, uint side = 4)
    {
        byte[] file = new byte[16 + (count * 16)];
        BinaryPrimitives.WriteUInt32BigEndian(file, magic);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(4), declared ?? (uint)count);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(8), side);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(12), side);
        for (int i = 0; i < count; i++)
            file.AsSpan(16 + (i * 16) + (i % 2 * 8), 8).Fill((byte)(200 + (i % 50)));
        return file;
    }

    public static byte[] Labels(int count)
    {
        byte[] file = new byte[8 + count];
        BinaryPrimitives.WriteUInt32BigEndian(file, 0x801);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(4), (uint)count);
        for (int i = 0; i < count; i++)
            file[8 + i] = (byte)(i % 2);
        return file;
    }

    private static void WritePart(string folder, string images, string labels, int count)
    {
        File.WriteAllBytes(Path.Combine(folder, images), Images(count));
        File.WriteAllBytes(Path.Combine(folder, labels), Labels(count));
    }
}
