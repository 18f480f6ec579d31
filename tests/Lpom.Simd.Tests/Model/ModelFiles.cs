using System.Buffers.Binary;
using System.Text;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;

namespace Lpom.Simd.Tests.Model;

/// <summary>Small model files, good and forged.</summary>
internal static class ModelFiles
{
    public static Network Small(bool bias = false) => new(
        [
            new Layer(new([1, -2, 3, 0.5f, 0, 1], 2, 3), bias ? [0.25f, -0.5f] : [], Named("relu")),
            new Layer(new([1, 2, -1, 4], 2, 2), bias ? [0, 1] : [], Named("identity")),
        ],
        Loss.LeastSquares,
        [new("note", "π")]);

    public static Activation Named(string name) => Activation.TryGet(name, out Activation? a) ? a : throw new ArgumentException("No such activation.", nameof(name));

    public static byte[] Bytes(Network network, ModelFormat format = ModelFormat.Safetensors)
    {
        using var stream = new MemoryStream();
        network.Save(stream, format);
        return stream.ToArray();
    }

    public static Network Load(byte[] bytes, params Activation[] custom)
    {
        using var stream = new MemoryStream(bytes);
        return Network.Load(stream, "model", custom);
    }

    /// <summary>A file with a header of the test's own.</summary>
    public static byte[] Forge(string header, int dataBytes)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] file = new byte[8 + json.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        return file;
    }
}
