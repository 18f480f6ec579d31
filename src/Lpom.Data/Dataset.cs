using System.Numerics.Tensors;

namespace Lpom.Data;

/// <summary>STAGE 0: labelled rows in memory, divided into training and test part, with the preprocessing that makes inputs of them.</summary>
/// <remarks>Immutable, for any number of threads. Every view shares the one copy of the raw rows.</remarks>
public sealed class Dataset
{
    private readonly RowTargets _targets;

    private Dataset(string name, RowTargets targets, ImageShape? shape, Preprocessing preprocessing, string? splitRule, DataView train, DataView test, DataView all)
    {
        Name = name;
        _targets = targets;
        Shape = shape;
        Preprocessing = preprocessing;
        SplitRule = splitRule;
        Train = train;
        Test = test;
        All = all;
    }

    private Dataset(Dataset other, ImageShape? shape, TableSchema? columns, IReadOnlyList<string> notes)
        : this(other.Name, other._targets, shape, other.Preprocessing, other.SplitRule, other.Train, other.Test, other.All) =>
        (Columns, Notes) = (columns, notes);

    /// <summary>The named set's name, or that of the file or folder.</summary>
    public string Name { get; }

    /// <summary>Number of inputs of a row.</summary>
    public int Features => All.Features;

    /// <summary>Whether each row has a class, or numbers.</summary>
    public TargetKind Targets => _targets.Kind;

    /// <summary>Number of classes; labels are in [0, Classes). 0 for rows with numbers.</summary>
    public int Classes => ClassNames.Count;

    /// <summary>Outputs of a network that learns them: the classes, or the numbers.</summary>
    public int Outputs => _targets.Names.Count;

    /// <summary>The name of each class, by label; empty for rows with numbers.</summary>
    public IReadOnlyList<string> ClassNames => _targets.Kind == TargetKind.Classes ? _targets.Names : [];

    /// <summary>The name of each number that a row is to give; empty for rows with classes.</summary>
    public IReadOnlyList<string> NumberNames => _targets.Kind == TargetKind.Numbers ? _targets.Names : [];

    /// <summary>The columns of a table that rows are made of, so that a model's user may give rows as the file has them; null for rows of numbers in the file's order.</summary>
    public TableSchema? Columns { get; }

    /// <summary>What a user should know of how the data was read: columns left out, values filled in. Without a full stop.</summary>
    public IReadOnlyList<string> Notes { get; } = [];

    /// <summary>Shape of a row, when rows are images.</summary>
    public ImageShape? Shape { get; }

    /// <summary>How raw values become inputs; every view applies it.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>How the test part was chosen; null when the set came with its own.</summary>
    public string? SplitRule { get; }

    /// <summary>The rows to train on.</summary>
    public DataView Train { get; }

    /// <summary>The rows to test on; empty when every class of a set divided by rule has fewer than five rows.</summary>
    public DataView Test { get; }

    /// <summary>Every row: those of a set with its own test part training first, else in file order.</summary>
    public DataView All { get; }

    /// <summary>Makes a data set of rows in memory, divided by <see cref="StratifiedSplit"/>.</summary>
    /// <param name="name">Name for reports.</param>
    /// <param name="inputs">[labels.Length × features], row-major, finite; copied.</param>
    /// <param name="labels">The class of each row, in [0, classNames.Count); copied.</param>
    /// <param name="classNames">At least two.</param>
    /// <param name="preprocessing">Null: inputs as they are.</param>
    /// <param name="shape">Null: not images.</param>
    /// <exception cref="ArgumentException">Lengths do not fit, a label is out of range or an input is not finite.</exception>
    public static Dataset FromRows(string name, ReadOnlySpan<float> inputs, ReadOnlySpan<int> labels, IReadOnlyList<string> classNames, Preprocessing? preprocessing = null, ImageShape? shape = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(classNames);
        if (classNames.Count < 2)
            throw new ArgumentException($"There are {classNames.Count} classes; expected at least 2.", nameof(classNames));
        if (labels.IsEmpty || inputs.IsEmpty || inputs.Length % labels.Length != 0)
            throw new ArgumentException($"{inputs.Length} inputs are not {labels.Length} rows of equal length.", nameof(inputs));
        foreach (int label in labels)
        {
            if ((uint)label >= (uint)classNames.Count)
                throw new ArgumentException($"Label {label} is not in 0…{classNames.Count - 1}.", nameof(labels));
        }

        foreach (float input in inputs)
        {
            if (!float.IsFinite(input))
                throw new ArgumentException($"An input is {input}; expected finite numbers.", nameof(inputs));
        }

        var storage = new FloatRows(inputs.ToArray(), inputs.Length / labels.Length);
        return DividedByRule(name, storage, RowTargets.OfClasses(labels.ToArray(), classNames), preprocessing ?? Preprocessing.Identity, shape);
    }

    /// <summary>Holds <paramref name="rows"/> training rows out of training, evenly spaced in the rows of each class: files are often sorted by class, or repeat the classes in turn.</summary>
    /// <returns>The training rows that are left, and those held out, each in file order; views, no copies of the data.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not in [0, Train.Rows − 1]: no row would be left to train on.</exception>
    public (DataView Train, DataView Validation) HoldOut(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rows, Train.Rows);
        (int[] left, int[] held) = StratifiedSplit.HoldOut(Train, rows);
        return (Train.Pick(left), Train.Pick(held));
    }

    /// <summary>The same rows with other preprocessing, for example that of the model to be evaluated.</summary>
    /// <exception cref="ArgumentException">The features are no multiple of the channels.</exception>
    public Dataset WithPreprocessing(Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        CheckChannels(preprocessing, Features);
        var data = new Dataset(Name, _targets, Shape, preprocessing, SplitRule, Train.WithPreprocessing(preprocessing), Test.WithPreprocessing(preprocessing), All.WithPreprocessing(preprocessing));
        return data.WithTable(Columns, Notes);
    }

    /// <summary>A set whose files give a test part: the storage's rows from <paramref name="trainRows"/> on.</summary>
    internal static Dataset WithOwnTest(string name, RowStorage storage, RowTargets targets, int trainRows, Preprocessing preprocessing, ImageShape? shape)
    {
        CheckChannels(preprocessing, storage.Features);
        var all = new DataView(storage, targets, preprocessing, map: null, 0, storage.Rows);
        return new Dataset(name, targets, shape, preprocessing, splitRule: null, all.Slice(0, trainRows), all.Slice(trainRows, storage.Rows - trainRows), all);
    }

    /// <summary>A set without a test part.</summary>
    internal static Dataset DividedByRule(string name, RowStorage storage, RowTargets targets, Preprocessing preprocessing, ImageShape? shape)
    {
        CheckChannels(preprocessing, storage.Features);
        (int[] train, int[] test) = targets.Divide(storage.Rows);
        return new Dataset(
            name,
            targets,
            shape,
            preprocessing,
            StratifiedSplit.Rule,
            new DataView(storage, targets, preprocessing, train, 0, train.Length),
            new DataView(storage, targets, preprocessing, test, 0, test.Length),
            new DataView(storage, targets, preprocessing, map: null, 0, storage.Rows));
    }

    /// <summary>The same rows, of a table's columns.</summary>
    internal Dataset WithTable(TableSchema? columns, IReadOnlyList<string> notes) => new(this, Shape, columns, notes);

    /// <summary>The same rows, which are images.</summary>
    internal Dataset WithShape(ImageShape shape) => new(this, shape, Columns, Notes);

    /// <summary>The same rows with every column of numbers standardised: less its mean over the training part, divided by its deviation. Call it on raw rows.</summary>
    internal Dataset WithStandardised(TableSchema columns)
    {
        float[] scales = new float[Features], offsets = new float[Features];
        Array.Fill(scales, 1f);
        (double[] means, double[] deviations) = MomentsOfTraining();
        int at = 0;
        foreach (TableColumn column in columns.Columns)
        {
            if (column.Role == ColumnRole.Number && 1 / deviations[at] is var scale && float.IsFinite((float)scale) && float.IsFinite((float)(means[at] * scale)))
                (scales[at], offsets[at]) = ((float)scale, (float)(means[at] * scale));
            at += column.Width;
        }

        return WithPreprocessing(new Preprocessing(scales, offsets));
    }

    /// <summary>The same rows with inputs in [−1, 1]: raw / (largest absolute value of the training part). Call it on raw rows.</summary>
    internal Dataset WithUnitRange()
    {
        var row = new float[Features];
        float largest = 0;
        for (int i = 0; i < Train.Rows; i++)
        {
            Train.CopyInputs(i, 1, row, row.Length);
            largest = Math.Max(largest, Math.Abs(TensorPrimitives.MaxMagnitude<float>(row)));
        }

        float scale = 1f / largest;
        return float.IsFinite(scale) ? WithPreprocessing(new Preprocessing(scale, 0f)) : this;
    }

    private (double[] Means, double[] Deviations) MomentsOfTraining()
    {
        var row = new float[Features];
        double[] means = new double[Features], deviations = new double[Features];
        for (int i = 0; i < Train.Rows; i++)
        {
            Train.CopyInputs(i, 1, row, row.Length);
            for (int j = 0; j < row.Length; j++)
                means[j] += row[j] / (double)Train.Rows;
        }

        for (int i = 0; i < Train.Rows; i++)
        {
            Train.CopyInputs(i, 1, row, row.Length);
            for (int j = 0; j < row.Length; j++)
                deviations[j] += (row[j] - means[j]) * (row[j] - means[j]) / Train.Rows;
        }

        return (means, Array.ConvertAll(deviations, Math.Sqrt));
    }

    private static void CheckChannels(Preprocessing preprocessing, int features)
    {
        int channels = preprocessing.Offsets.Length;
        if (features % channels != 0)
            throw new ArgumentException($"{features} features have not {channels} channels of equal length.", nameof(preprocessing));
    }
}
