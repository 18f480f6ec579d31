using System.Runtime.InteropServices;
using System.Text;

namespace Lpom.Cli.Tests.Support;

/// <summary>Makes NPY files.</summary>
internal static class NpyFiles
{
    public static byte[] Of<T>(string descr, bool isFortranOrder, string shape, params ReadOnlySpan<T> values)
        where T : unmanaged
    {
        byte[] header = Encoding.ASCII.GetBytes($"{{'descr': '{descr}', 'fortran_order': {isFortranOrder}, 'shape': ({shape}), }}\n");
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. header, .. MemoryMarshal.AsBytes(values)];
    }
}
