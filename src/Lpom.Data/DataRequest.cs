namespace Lpom.Data;

/// <summary>What the rows of a data set are to give.</summary>
public enum TargetKind
{
    /// <summary>One class of several.</summary>
    Classes,

    /// <summary>Numbers.</summary>
    Numbers,
}

/// <summary>What is asked of data besides its place. A model's own, when it is to be measured on the data.</summary>
public sealed record DataRequest
{
    /// <summary>The column of a CSV file that is to be learnt: its name, or its number from 1; null for a model's, or the last.</summary>
    public string? Target { get; init; }

    /// <summary>What the target is; null to tell by its values, see <see cref="TargetRule"/>.</summary>
    public TargetKind? Kind { get; init; }

    /// <summary>A model's classes, by label: those of CSV and numpy's files are found in it by name, elsewhere it bounds the labels. Null to take those of the data.</summary>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>A model's columns; null to choose by the data what each column of a CSV file is.</summary>
    public TableSchema? Columns { get; init; }

    /// <summary>A model's inputs: a CSV file of a few rows may have a column for each; null without a model.</summary>
    public int? Inputs { get; init; }

    /// <summary>The size that the images of a folder are brought to; null to refuse images of several sizes.</summary>
    public ImageSize? Resize { get; init; }

    /// <summary>A model's images: those of a folder must have that size, and become colour when the model's are; null for any.</summary>
    public ImageShape? Image { get; init; }
}
