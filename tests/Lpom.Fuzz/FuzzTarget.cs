namespace Lpom.Fuzz;

/// <summary>A reader of files from outside.</summary>
/// <param name="Name">For the command line.</param>
/// <param name="Seeds">Files that it reads, of every variety.</param>
/// <param name="Read">Reads a file to its end, and gives what is to be checked of the outcome: by an action that throws when it does not hold.</param>
/// <param name="Refusals">What it throws for a file that is not what it should be.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Seeds, Func<ScratchFile, Action> Read, params Type[] Refusals)
{
    /// <summary>Contents that a container makes files of; mutated before that.</summary>
    public IReadOnlyList<byte[]> Contents { get; init; } = [];

    /// <summary>Packs contents.</summary>
    public Func<byte[], byte[]> Container { get; init; } = content => content;

    /// <summary>Large files, that show memory which is a multiple of the file.</summary>
    public IReadOnlyList<LargeSeed> Large { get; init; } = [];

    /// <summary>Whether tokens of text are exchanged too.</summary>
    public bool IsText { get; init; }

    /// <summary>Bytes that it allocates for any content: buffers, decompressors, messages.</summary>
    public int FixedBytes { get; init; } = 256 << 10;

    /// <summary>Bytes that it allocates for a byte of content.</summary>
    public int BytesPerByte { get; init; } = 10;
}

/// <summary>A large file.</summary>
/// <param name="Make">Makes it.</param>
/// <param name="ContentBytes">What it expands to, where it is compressed; 0 for its own length.</param>
internal sealed record LargeSeed(Func<byte[]> Make, long ContentBytes = 0);
