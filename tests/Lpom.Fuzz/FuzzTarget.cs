namespace Lpom.Fuzz;

/// <summary>A reader of files from outside.</summary>
/// <param name="Name">For the command line.</param>
/// <param name="Seeds">Files that it reads, of every variety.</param>
/// <param name="Read">Reads a file to its end.</param>
/// <param name="Container">How mutated contents are packed into the file; as they are for most.</param>
/// <param name="IsText">Whether tokens of text are exchanged too.</param>
/// <param name="Refusals">What it throws for a file that is not what it should be.</param>
internal sealed record FuzzTarget(
    string Name, IReadOnlyList<byte[]> Seeds, Action<ScratchFile> Read, Func<byte[], byte[]>? Container, bool IsText, params Type[] Refusals);
