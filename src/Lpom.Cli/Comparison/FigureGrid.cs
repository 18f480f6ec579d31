namespace Lpom.Cli.Comparison;

/// <summary>A table of texts: the first column names, the others hold figures.</summary>
/// <param name="Title">What the figures are.</param>
/// <param name="Header">A name a column.</param>
/// <param name="Rows">As many cells each as the header has.</param>
internal sealed record FigureGrid(string Title, IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows);
