using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Lpom.Data.Tests.Support;

/// <summary>Makes NPY and NPZ files.</summary>
internal static class NpyBytes
{
    public static byte[] Of<T>(string descr, long[] shape, params T[] values)
        where T : unmanaged =>
        [.. Header(Text(descr, shape)), .. System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(values)];

    public static string Text(string descr, long[] shape, bool isFortranOrder = false) =>
        $"{{'descr': '{descr}', 'fortran_order': {(isFortranOrder ? "True" : "False")}, 'shape': ({string.Join(", ", shape)}{(shape.Length == 1 ? "," : "")}), }}";

    public static byte[] Header(string text, byte major = 1, byte minor = 0)
    {
        byte[] dictionary = Encoding.UTF8.GetBytes(text + "\n");
        byte[] length = new byte[major == 1 ? 2 : 4];
        if (major == 1)
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)dictionary.Length);
        else
            BinaryPrimitives.WriteInt32LittleEndian(length, dictionary.Length);
        return [0x93, .. "NUMPY"u8, major, minor, .. length, .. dictionary];
    }

    /// <summary>A ZIP archive; a name may come twice.</summary>
    public static byte[] Zip(CompressionLevel level, params (string Name, byte[] Content)[] members)
    {
        using var target = new MemoryStream();
        using (var archive = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in members)
            {
                using Stream member = archive.CreateEntry(name, level).Open();
                member.Write(content);
            }
        }

        return target.ToArray();
    }
}
