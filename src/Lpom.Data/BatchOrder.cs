using Lpom.Simd.Kernels.Random;

namespace Lpom.Data;

/// <summary>
/// The order in which an epoch visits the rows: a seeded shuffle, cut into batches. The last batch is shorter when the
/// batch does not divide the rows.
/// </summary>
/// <remarks>
/// The order of an epoch depends on the seed and the epoch's number only, so a resumed run may jump to any epoch.
/// Nothing is allocated after construction. Not for use by several threads at once.
/// </remarks>
public sealed class BatchOrder
{
    private readonly int[] _rows;
    private readonly ulong _seed;

    /// <summary>Rows in file order, until <see cref="StartEpoch"/> is called.</summary>
    /// <param name="rows">Number of rows, at least 1.</param>
    /// <param name="batch">Rows of a batch, at least 1; the smaller of this and <paramref name="rows"/> is used.</param>
    /// <param name="seed">Any value.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rows"/> or <paramref name="batch"/> is below 1.</exception>
    public BatchOrder(int rows, int batch, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        _rows = new int[rows];
        _seed = seed;
        BatchSize = Math.Min(batch, rows);
        Count = (int)(((long)rows + BatchSize - 1) / BatchSize);
        ResetToFileOrder();
    }

    /// <summary>Number of rows.</summary>
    public int Rows => _rows.Length;

    /// <summary>Rows of every batch but perhaps the last.</summary>
    public int BatchSize { get; }

    /// <summary>Number of batches in an epoch, the last partial one included.</summary>
    public int Count { get; }

    /// <summary>The row numbers of a batch; overwritten by the next <see cref="StartEpoch"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batch"/> is not in [0, <see cref="Count"/>).</exception>
    public ReadOnlySpan<int> this[int batch]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(batch);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(batch, Count);
            int first = batch * BatchSize;
            return _rows.AsSpan(first, Math.Min(BatchSize, Rows - first));
        }
    }

    /// <summary>Makes the order of epoch <paramref name="epoch"/>, whichever epochs came before.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="epoch"/> is negative.</exception>
    public void StartEpoch(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ResetToFileOrder();
        var rng = new Rng(_seed, (ulong)epoch);
        rng.Shuffle(_rows);
    }

    private void ResetToFileOrder()
    {
        for (int row = 0; row < _rows.Length; row++)
            _rows[row] = row;
    }
}
