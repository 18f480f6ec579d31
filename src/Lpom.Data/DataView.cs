using Lpom.Simd.Training.Inputs;

namespace Lpom.Data;

/// <summary>
/// Some rows of a data set, without a copy of them: the set's storage and either a range of its rows or a list of row
/// numbers. Rows are numbered from 0 in each view. Immutable, for any number of threads; no method but
/// <see cref="Slice"/> allocates.
/// </summary>
public sealed class DataView : ISampleRows
{
    private readonly RowStorage _storage;
    private readonly RowTargets _targets;
    private readonly int[]? _map;
    private readonly int _first;
    private readonly Preprocessing _preprocessing;

    /// <summary>Rows <paramref name="first"/> … of the storage or, with a map, of the map.</summary>
    internal DataView(RowStorage storage, RowTargets targets, Preprocessing preprocessing, int[]? map, int first, int rows)
    {
        _storage = storage;
        _targets = targets;
        _preprocessing = preprocessing;
        _map = map;
        _first = first;
        Rows = rows;
    }

    /// <summary>Number of rows; may be 0.</summary>
    public int Rows { get; }

    /// <summary>Number of inputs of a row.</summary>
    public int Features => _storage.Features;

    /// <summary>Gathers the preprocessed inputs of the given rows.</summary>
    /// <param name="rows">Row numbers of this view, in any order, repeated or not.</param>
    /// <param name="destination">[rows.Length × Features], row-major: row i starts at i · <paramref name="stride"/>. What lies between rows is left alone.</param>
    /// <param name="stride">Distance between rows of the destination, at least <see cref="Features"/>.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The stride is below Features, or a row is not in the view.</exception>
    public void CopyInputs(ReadOnlySpan<int> rows, Span<float> destination, int stride)
    {
        CheckDestination(rows.Length, destination.Length, stride);
        for (int i = 0; i < rows.Length; i++)
            _storage.CopyRow(StorageRow(rows[i]), _preprocessing, destination.Slice(i * stride, Features));
    }

    /// <summary>Copies the preprocessed inputs of consecutive rows.</summary>
    /// <param name="firstRow">First row.</param>
    /// <param name="count">Number of rows; may be 0.</param>
    /// <param name="destination">[count × Features], row-major: row i starts at i · <paramref name="stride"/>. What lies between rows is left alone.</param>
    /// <param name="stride">Distance between rows of the destination, at least <see cref="Features"/>.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The stride is below Features, or the rows are not all in the view.</exception>
    public void CopyInputs(int firstRow, int count, Span<float> destination, int stride)
    {
        CheckRange(firstRow, count);
        CheckDestination(count, destination.Length, stride);
        for (int i = 0; i < count; i++)
            _storage.CopyRow(StorageRow(firstRow + i), _preprocessing, destination.Slice(i * stride, Features));
    }

    /// <summary>Whether each row has a class, or numbers.</summary>
    public TargetKind Targets => _targets.Kind;

    /// <summary>The class of a row, in [0, classes).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="row"/> is not in the view.</exception>
    /// <exception cref="InvalidOperationException">The rows have numbers.</exception>
    public int Label(int row) => Labels[StorageRow(row)];

    /// <summary>The numbers that a row is to give, as they are in the file.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="row"/> is not in the view.</exception>
    /// <exception cref="InvalidOperationException">The rows have classes.</exception>
    public ReadOnlySpan<float> Numbers(int row) => _targets.Kind == TargetKind.Numbers
        ? _targets.Numbers(StorageRow(row))
        : throw new InvalidOperationException("The rows have classes, not numbers.");

    /// <summary>Gathers the classes of the given rows.</summary>
    /// <param name="rows">Row numbers of this view.</param>
    /// <param name="destination">At least rows.Length.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row is not in the view.</exception>
    /// <exception cref="InvalidOperationException">The rows have numbers.</exception>
    public void CopyLabels(ReadOnlySpan<int> rows, Span<int> destination)
    {
        CheckLabels(rows.Length, destination.Length);
        ReadOnlySpan<int> labels = Labels;
        for (int i = 0; i < rows.Length; i++)
            destination[i] = labels[StorageRow(rows[i])];
    }

    /// <summary>Copies the classes of consecutive rows.</summary>
    /// <param name="firstRow">First row.</param>
    /// <param name="count">Number of rows; may be 0.</param>
    /// <param name="destination">At least <paramref name="count"/>.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The rows are not all in the view.</exception>
    /// <exception cref="InvalidOperationException">The rows have numbers.</exception>
    public void CopyLabels(int firstRow, int count, Span<int> destination)
    {
        CheckRange(firstRow, count);
        CheckLabels(count, destination.Length);
        ReadOnlySpan<int> labels = Labels;
        for (int i = 0; i < count; i++)
            destination[i] = labels[StorageRow(firstRow + i)];
    }

    /// <summary>A view of <paramref name="count"/> rows of this one, from <paramref name="firstRow"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rows are not all in the view.</exception>
    public DataView Slice(int firstRow, int count)
    {
        CheckRange(firstRow, count);
        return new DataView(_storage, _targets, _preprocessing, _map, _first + firstRow, count);
    }

    /// <summary>A view of some rows of this one, in the order given.</summary>
    internal DataView Pick(int[] rows) => new(_storage, _targets, _preprocessing, Array.ConvertAll(rows, StorageRow), 0, rows.Length);

    internal DataView WithPreprocessing(Preprocessing preprocessing) => new(_storage, _targets, preprocessing, _map, _first, Rows);

    private ReadOnlySpan<int> Labels => _targets.Kind == TargetKind.Classes ? _targets.Labels : throw new InvalidOperationException("The rows have numbers, not classes.");

    /// <summary>The place of a row in the set's storage.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="row"/> is not in the view.</exception>
    internal int StorageRow(int row)
    {
        if ((uint)row >= (uint)Rows)
            ThrowRow(row);
        return _map is null ? _first + row : _map[_first + row];
    }

    private void CheckRange(int firstRow, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Rows - firstRow);
    }

    private void CheckDestination(int rows, int length, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, Features);
        long needed = rows == 0 ? 0 : ((long)rows - 1) * stride + Features;
        if (length < needed)
            throw new ArgumentException($"{rows} rows of {Features} at a stride of {stride} need {needed} values; the destination has {length}.", nameof(length));
    }

    private static void CheckLabels(int rows, int length)
    {
        if (length < rows)
            throw new ArgumentException($"{rows} labels do not fit a destination of {length}.", nameof(length));
    }

    private void ThrowRow(int row) =>
        throw new ArgumentOutOfRangeException(nameof(row), row, $"The view has {Rows} rows.");
}
