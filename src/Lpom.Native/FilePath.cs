using System.Runtime.InteropServices;
using System.Text;

namespace Lpom.Native;

/// <summary>A path from outside.</summary>
internal static unsafe class FilePath
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a path; when it is none, the last error says so.</summary>
    /// <param name="bytes">UTF-8 up to a 0, or null.</param>
    /// <param name="path">The path; empty when there is none.</param>
    public static bool TryRead(byte* bytes, out string path)
    {
        path = "";
        if (bytes is null)
        {
            LastError.BadArgument("path is NULL");
            return false;
        }

        try
        {
            path = Strict.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(bytes));
        }
        catch (DecoderFallbackException)
        {
            LastError.BadArgument("path is not UTF-8");
            return false;
        }

        if (!string.IsNullOrWhiteSpace(path))
            return true;
        LastError.BadArgument($"path: '{path}' is no file name");
        return false;
    }
}
