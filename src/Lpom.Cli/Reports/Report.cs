namespace Lpom.Cli.Reports;

/// <summary>What a report says, from top to bottom; parts that are null or empty are left out. The page's script lays it out.</summary>
/// <param name="Title">Also that of the page.</param>
/// <param name="Kind">train, eval or compare.</param>
/// <param name="Subtitle">The network and the method.</param>
internal sealed record Report(string Title, string Kind, string Subtitle)
{
    /// <summary>The figures to see first.</summary>
    public IReadOnlyList<(string Label, string Value)> Headline { get; init; } = [];

    public IReadOnlyList<Chart> Charts { get; init; } = [];

    public Confusion? Confusion { get; init; }

    public IReadOnlyList<ImageGroup> Images { get; init; } = [];

    public IReadOnlyList<ReportTable> Tables { get; init; } = [];

    /// <summary>Command, versions, machine, data.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts { get; init; } = [];
}

/// <summary>How a chart's values are shown.</summary>
internal enum ChartFormat
{
    /// <summary>As they are.</summary>
    Number,

    /// <summary>Fractions as per cent.</summary>
    Percent,

    /// <summary>On a logarithmic axis.</summary>
    Log,
}

/// <summary>Lines over one or two axes to choose from.</summary>
/// <param name="Title">What is shown.</param>
/// <param name="Format">Of the values.</param>
/// <param name="Axes">Name and unit of each x axis; no unit is empty.</param>
/// <param name="Series">The lines.</param>
internal sealed record Chart(string Title, ChartFormat Format, IReadOnlyList<(string Name, string Unit)> Axes, IReadOnlyList<Series> Series)
{
    /// <summary>Whether there is anything to draw.</summary>
    public bool HasValues => Series.Any(series => series.Y.Any(value => value is double number && double.IsFinite(number)));
}

/// <summary>A line.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="X">Places of its points on each axis of the chart.</param>
/// <param name="Y">Values; null for none.</param>
internal sealed record Series(string Name, IReadOnlyList<IReadOnlyList<double>> X, IReadOnlyList<double?> Y)
{
    /// <summary>The lower edge of a band about the line; null for no band.</summary>
    public IReadOnlyList<double?>? Low { get; init; }

    /// <summary>The upper edge.</summary>
    public IReadOnlyList<double?>? High { get; init; }
}

/// <summary>Which class was taken for which.</summary>
/// <param name="Classes">Names.</param>
/// <param name="Counts">[true class][class that was given].</param>
internal sealed record Confusion(IReadOnlyList<string> Classes, IReadOnlyList<IReadOnlyList<int>> Counts);

/// <summary>Pictures of one kind.</summary>
/// <param name="Title">What they are.</param>
/// <param name="Note">How to read them.</param>
/// <param name="Size">Edge on the page, in CSS pixels.</param>
/// <param name="Items">PNG files with what is written below.</param>
internal sealed record ImageGroup(string Title, string Note, int Size, IReadOnlyList<(byte[] Png, string Caption, string Detail)> Items);

/// <summary>A table.</summary>
/// <param name="Title">What it holds.</param>
/// <param name="Columns">Names.</param>
/// <param name="Rows">As many cells each.</param>
/// <param name="IsCollapsed">Whether it opens at a click.</param>
internal sealed record ReportTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, bool IsCollapsed);
