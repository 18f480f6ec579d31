namespace Lpom.Data;

/// <summary>The names that one convention gives to the arrays of a data set.</summary>
/// <param name="Inputs">Of the training part, or of the only one.</param>
/// <param name="Labels">Of the same rows.</param>
/// <param name="TestInputs">Of the test part; null when the convention has none.</param>
/// <param name="TestLabels">Of the same rows.</param>
internal sealed record ArrayNames(string Inputs, string Labels, string? TestInputs = null, string? TestLabels = null)
{
    /// <summary>Every convention, the most particular first.</summary>
    public static IReadOnlyList<ArrayNames> Conventions { get; } =
    [
        new("x_train", "y_train", "x_test", "y_test"),
        new("train_images", "train_labels", "test_images", "test_labels"),
        new("x", "y"),
        new("data", "target"),
        new("images", "labels"),
    ];

    /// <summary>For messages.</summary>
    public static string Expected => "expected x_train and y_train (with x_test and y_test, or without), x and y, data and target, or images and labels";

    /// <summary>Inputs and labels of the parts that are there, training first: one or two.</summary>
    /// <exception cref="DataFormatException">No convention is followed, or inputs are there without labels, or labels without inputs.</exception>
    public static (string Inputs, string Labels)[] Parts(ArraySet arrays)
    {
        ArrayNames names = Conventions.FirstOrDefault(names => names.IsIn(arrays))
            ?? throw new DataFormatException(arrays.Path, $"has {arrays.NameList}; {Expected}.");
        return new[] { Part(arrays, names.Inputs, names.Labels), Part(arrays, names.TestInputs, names.TestLabels) }.OfType<(string, string)>().ToArray();
    }

    /// <summary>The inputs to predict from: the only array, or the only part, or the test part.</summary>
    /// <exception cref="DataFormatException">It cannot be told which.</exception>
    public static string InputsOf(ArraySet arrays)
    {
        if (arrays.Names.Count == 1)
            return arrays.Names[0];
        foreach (ArrayNames names in Conventions)
        {
            if (names.TestInputs is string test && arrays.Find(test) is string testInputs)
                return testInputs;
            if (arrays.Find(names.Inputs) is string inputs)
                return inputs;
        }

        throw new DataFormatException(arrays.Path, $"has {arrays.NameList}; expected one array, or one named x_test, x, data or images.");
    }

    private bool IsIn(ArraySet arrays) =>
        new[] { Inputs, Labels, TestInputs, TestLabels }.Any(name => name is not null && arrays.Find(name) is not null);

    private static (string, string)? Part(ArraySet arrays, string? inputs, string? labels)
    {
        if (inputs is null || labels is null)
            return null;
        return (arrays.Find(inputs), arrays.Find(labels)) switch
        {
            (string foundInputs, string foundLabels) => (foundInputs, foundLabels),
            (null, null) => null,
            (string foundInputs, null) => throw new DataFormatException(arrays.Path, $"has {foundInputs}, but no {labels}."),
            (null, string foundLabels) => throw new DataFormatException(arrays.Path, $"has {foundLabels}, but no {inputs}."),
        };
    }
}
