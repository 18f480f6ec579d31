using System.Buffers.Binary;
using System.Text;

namespace Lpom.Data;

/// <summary>The chunks of a PNG file that pixels are made of. Every checksum is verified, and bytes that are in no chunk are refused.</summary>
internal sealed class PngChunks
{
    // Length, name and checksum.
    private const int Overhead = 12, NameStart = 4, NameLength = 4, MostColours = 256;
    private const string HeaderName = "IHDR", PaletteName = "PLTE", TransparencyName = "tRNS", DataName = "IDAT", EndName = "IEND";

    private readonly byte[] _file;
    private readonly string _path;
    private int _at;
    private int _dataStart;
    private int _dataEnd;
    private string _previous = "";
    private bool _isOver;

    private PngChunks(byte[] file, string path) => (_file, _path) = (file, path);

    public PngHeader Header { get; private set; }

    /// <summary>Red, green, blue of each index; empty without a palette.</summary>
    public byte[] Palette { get; private set; } = [];

    /// <summary>The opacities of a palette's colours, or the one colour that is transparent; empty for none.</summary>
    public byte[] Transparency { get; private set; } = [];

    /// <summary>The compressed rows, of all their chunks.</summary>
    public ArraySegment<byte> Data => new(_file, _dataStart, _dataEnd - _dataStart);

    /// <param name="file">All of it; compressed rows are moved together in it.</param>
    /// <param name="path">What errors call it.</param>
    /// <exception cref="DataFormatException">Damaged, truncated, or not in the order that the format demands.</exception>
    public static PngChunks Read(byte[] file, string path)
    {
        if (!file.AsSpan().StartsWith(PngWriter.Signature))
            throw new DataFormatException(path, $"does not start as a PNG file does (bytes 89 50 4E 47 0D 0A 1A 0A); it has {file.Length} bytes.");
        var chunks = new PngChunks(file, path) { _at = PngWriter.Signature.Length };
        while (!chunks._isOver)
            chunks.ReadChunk();
        if (chunks._at != file.Length)
            throw new DataFormatException(path, $"has {file.Length - chunks._at} bytes left over after its last chunk; expected the end.");
        return chunks;
    }

    private void ReadChunk()
    {
        ReadOnlySpan<byte> rest = _file.AsSpan(_at);
        if (rest.Length < Overhead)
            throw Error($"truncated: a chunk has {Overhead} bytes at least, {rest.Length} are left; expected chunks up to {EndName}.");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        if (length > rest.Length - Overhead)
            throw Error($"truncated, or a wrong length: a chunk of {length} bytes, {rest.Length - Overhead} are left for it.");
        ReadOnlySpan<byte> named = rest.Slice(NameStart, NameLength + (int)length);
        string name = NameOf(named[..NameLength]);
        var checksum = new Crc32();
        checksum.Add(named);
        uint stored = BinaryPrimitives.ReadUInt32BigEndian(rest[(NameStart + named.Length)..]);
        if (checksum.Value != stored)
            throw Error($"the chunk {name} has the checksum {checksum.Value:X8}, the file says {stored:X8}: the data is damaged.");
        Take(name, named[NameLength..]);
        _previous = name;
        _at += Overhead + (int)length;
    }

    private string NameOf(ReadOnlySpan<byte> name)
    {
        foreach (byte letter in name)
        {
            if (!char.IsAsciiLetter((char)letter))
                throw Error("a chunk's name is not of four letters: the data is damaged.");
        }

        return Encoding.ASCII.GetString(name);
    }

    private void Take(string name, ReadOnlySpan<byte> content)
    {
        if (_previous.Length == 0 != (name == HeaderName))
            throw Error($"the chunk {name}; expected {HeaderName} once, as the first.");
        switch (name)
        {
            case HeaderName when content.Length == PngHeader.Length:
                Header = PngHeader.Parse(content, _path);
                break;
            case PaletteName:
                TakePalette(content);
                break;
            case TransparencyName:
                TakeTransparency(content);
                break;
            case DataName:
                TakeData(content);
                break;
            case EndName when content.IsEmpty:
                TakeEnd();
                break;
            // What must be understood has a capital.
            default:
                if (char.IsAsciiLetterUpper(name[0]))
                    throw Error($"the chunk {name} of {content.Length} bytes is not known; expected {HeaderName} of {PngHeader.Length}, {PaletteName}, {DataName} or {EndName} of 0, and those that may be passed over.");
                break;
        }
    }

    private void TakePalette(ReadOnlySpan<byte> content)
    {
        int most = Header.Colour == PngColour.Palette ? 1 << Header.Depth : MostColours;
        if (Header.Colour is PngColour.Grey or PngColour.GreyAlpha || Palette.Length > 0 || Transparency.Length > 0 || _dataStart > 0)
            throw Error($"the chunk {PaletteName}; expected one at most, before {TransparencyName} and {DataName}, and none in a grey image.");
        if (content.IsEmpty || content.Length % 3 != 0 || content.Length > 3 * most)
            throw Error($"a palette of {content.Length} bytes; expected three for each of 1 to {most} colours.");
        Palette = content.ToArray();
    }

    private void TakeTransparency(ReadOnlySpan<byte> content)
    {
        bool isRightLength = Header.Colour switch
        {
            PngColour.Palette => content.Length >= 1 && content.Length <= Palette.Length / 3,
            PngColour.Grey => content.Length == 2,
            PngColour.Rgb => content.Length == 6,
            _ => false,
        };
        if (!isRightLength || Transparency.Length > 0 || _dataStart > 0)
            throw Error($"the chunk {TransparencyName} of {content.Length} bytes; expected one at most, before {DataName}: of 2 in a grey image, 6 in an RGB one, and of one for each colour of the palette, or fewer, after it.");
        Transparency = content.ToArray();
    }

    private void TakeData(ReadOnlySpan<byte> content)
    {
        int start = _at + NameStart + NameLength;
        if (_dataStart == 0)
            (_dataStart, _dataEnd) = (start, start);
        else if (_previous != DataName)
            throw Error($"the chunk {DataName} comes after {_previous}; expected those chunks one after the other.");
        content.CopyTo(_file.AsSpan(_dataEnd));
        _dataEnd += content.Length;
    }

    private void TakeEnd()
    {
        if (_dataStart == 0)
            throw Error($"the chunk {EndName}; expected {DataName} before it.");
        if (Header.Colour == PngColour.Palette && Palette.Length == 0)
            throw Error($"the chunk {EndName}; expected {PaletteName} before it, for the header declares a palette.");
        _isOver = true;
    }

    private DataFormatException Error(string problem) => new(_path, $"at byte {_at}: {problem}");
}
