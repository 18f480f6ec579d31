namespace Lpom.Data;

/// <summary>What each row of a storage is to give: a class, or numbers.</summary>
internal sealed class RowTargets
{
    private readonly int[] _labels;
    private readonly float[] _numbers;

    private RowTargets(TargetKind kind, int[] labels, float[] numbers, IReadOnlyList<string> names)
    {
        Kind = kind;
        _labels = labels;
        _numbers = numbers;
        Names = names;
    }

    public TargetKind Kind { get; }

    /// <summary>The name of each class, by label; or of each number.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The class of each row; empty for numbers.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>The numbers of a row; none for classes.</summary>
    public ReadOnlySpan<float> Numbers(int row) => Kind == TargetKind.Numbers ? _numbers.AsSpan(row * Names.Count, Names.Count) : [];

    /// <param name="labels">A row each, in [0, names.Count); the targets' own from now on.</param>
    /// <param name="names">By label.</param>
    public static RowTargets OfClasses(int[] labels, IReadOnlyList<string> names) => new(TargetKind.Classes, labels, [], names);

    /// <param name="numbers">[rows × names.Count]; the targets' own from now on.</param>
    /// <param name="names">Of each number.</param>
    public static RowTargets OfNumbers(float[] numbers, IReadOnlyList<string> names) => new(TargetKind.Numbers, [], numbers, names);

    /// <summary>Classes or numbers, as asked for or as <see cref="TargetRule"/> tells.</summary>
    /// <param name="values">A row each.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="name">What the target is called.</param>
    /// <param name="path">The file.</param>
    /// <param name="place">Where in it the target is, for messages: a phrase after a space, or nothing.</param>
    /// <param name="error">Makes the error of a row, which knows the place.</param>
    /// <param name="bounds">Of the file.</param>
    /// <exception cref="DataFormatException">Values that are neither.</exception>
    public static RowTargets Of(double[] values, DataRequest request, string name, string path, string place, Func<int, string, DataFormatException> error, TableBounds bounds)
    {
        TargetKind kind = request.Kind ?? (request.ClassNames is null ? TargetRule.KindOf(values) : TargetKind.Classes);
        return kind == TargetKind.Numbers
            ? OfNumbers(Finite(values, error), [name])
            : OfClasses(values, request, path, place, error, bounds);
    }

    /// <summary>These rows, then others of the same kind and names.</summary>
    public RowTargets With(RowTargets others) => Kind == TargetKind.Classes
        ? OfClasses([.. _labels, .. others._labels], Names)
        : OfNumbers([.. _numbers, .. others._numbers], Names);

    /// <summary>Which rows are test, by <see cref="StratifiedSplit"/>.</summary>
    /// <param name="rows">Number of rows.</param>
    public (int[] Train, int[] Test) Divide(int rows) =>
        Kind == TargetKind.Classes ? StratifiedSplit.Divide(_labels, Names.Count) : StratifiedSplit.Divide(new int[rows], 1);

    private static float[] Finite(double[] values, Func<int, string, DataFormatException> error)
    {
        var numbers = new float[values.Length];
        for (int row = 0; row < values.Length; row++)
        {
            numbers[row] = (float)values[row];
            if (!float.IsFinite(numbers[row]))
                throw error(row, FormattableString.Invariant($"is {values[row]}; expected a finite number below 3.4e38 in size"));
        }

        return numbers;
    }

    private static RowTargets OfClasses(double[] values, DataRequest request, string path, string place, Func<int, string, DataFormatException> error, TableBounds bounds)
    {
        var classes = new ClassList(request.ClassNames, bounds);
        var labels = new int[values.Length];
        Span<char> name = stackalloc char[ClassList.LongestNumber];
        int row = 0;
        Func<string, DataFormatException> errorOfRow = problem => error(row, problem);
        for (; row < values.Length; row++)
        {
            if (!ClassList.TryName(values[row], name, out int length))
                throw error(row, FormattableString.Invariant($"is {values[row]}; expected a class, which is an integer or a name"));
            labels[row] = classes.Label(name[..length], errorOfRow);
        }

        classes.Finish(labels, path, place);
        return OfClasses(labels, classes.Names);
    }
}
