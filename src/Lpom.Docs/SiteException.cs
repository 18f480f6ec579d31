namespace Lpom.Docs;

/// <summary>The site cannot be made of the files as they are.</summary>
/// <param name="problems">Each on a line, with the file it is in.</param>
internal sealed class SiteException(IReadOnlyList<string> problems) : Exception(string.Join('\n', problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
