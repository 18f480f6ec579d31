using System.Buffers.Binary;

namespace Lpom.Data.Tests.Support;

/// <summary>Makes IDX files.</summary>
internal static class IdxBytes
{
    public static byte[] Images(int count, int height, int width, int seed = 0)
    {
        byte[] pixels = new byte[count * height * width];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)((i + seed) * 37);
        return [.. Header(0x0803, (uint)count, (uint)height, (uint)width), .. pixels];
    }

    public static byte[] Labels(params byte[] labels) => [.. Header(0x0801, (uint)labels.Length), .. labels];

    /// <summary>0 … classes − 1, over and over.</summary>
    public static byte[] CyclicLabels(int count, int classes = 10) =>
        Labels(Enumerable.Range(0, count).Select(i => (byte)(i % classes)).ToArray());

    public static byte[] Header(params uint[] words)
    {
        byte[] bytes = new byte[words.Length * 4];
        for (int i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4 * i), words[i]);
        return bytes;
    }

    /// <summary>A complete set of four files; test images differ from training images by one.</summary>
    public static void WriteSet(TempFolder folder, string subfolder, int train = 30, int test = 20, string suffix = "")
    {
        void Put(string name, byte[] content) =>
            folder.Write(Path.Combine(subfolder, name + suffix), suffix == ".gz" ? TempFolder.Gzip(content) : content);
        Put("train-images-idx3-ubyte", Images(train, 4, 3));
        Put("train-labels-idx1-ubyte", CyclicLabels(train));
        Put("t10k-images-idx3-ubyte", Images(test, 4, 3, seed: 1));
        Put("t10k-labels-idx1-ubyte", CyclicLabels(test));
    }
}
