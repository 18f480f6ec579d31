using System.Runtime.InteropServices;

namespace Lpom.Data;

/// <summary>Tells files that have a length from those that come as a stream, before they are opened: opening a FIFO waits for its writer.</summary>
public static unsafe partial class FileKind
{
    // statx(2): the same numbers and offsets on every processor, unlike stat(2).
    private const int CurrentFolder = -100, StatxSize = 256, ModeOffset = 28;
    private const uint TypeAndMode = 3;
    private const int KindMask = 0xF000, Fifo = 0x1000, CharacterDevice = 0x2000, Socket = 0xC000;

    /// <summary>True when the path leads to a FIFO, a socket or a character device; false for all else, and where the system does not tell.</summary>
    public static bool IsStream(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!OperatingSystem.IsLinux())
            return false;
        byte* status = stackalloc byte[StatxSize];
        try
        {
            if (Statx(CurrentFolder, path, 0, TypeAndMode, status) != 0)
                return false;
        }
        catch (EntryPointNotFoundException)
        {
            return false;
        }

        return (*(ushort*)(status + ModeOffset) & KindMask) is Fifo or CharacterDevice or Socket;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte* status);
}
