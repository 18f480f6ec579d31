using Lpom.Simd.Kernels.Memory;

namespace Lpom.Data;

/// <summary>
/// Walks through a view's rows in batches, in the seeded order of each epoch, gathering every batch into one buffer. Nothing is
/// allocated after construction. Not for use by several threads at once.
/// </summary>
public sealed class Batches
{
    private readonly DataView _view;
    private readonly BatchOrder _order;
    private readonly AlignedBuffer _buffer;
    private readonly int[] _labels;

    /// <summary>Allocates the buffer of a batch.</summary>
    /// <param name="view">The rows, at least one.</param>
    /// <param name="size">Rows of a batch, at least 1; the smaller of this and the view's rows is used.</param>
    /// <param name="seed">Any value.</param>
    /// <exception cref="ArgumentOutOfRangeException">An empty view, or a <paramref name="size"/> below 1.</exception>
    /// <exception cref="OverflowException">A batch of 2³¹ values or more.</exception>
    public Batches(DataView view, int size, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(view);
        _view = view;
        _order = new BatchOrder(view.Rows, size, seed);
        _buffer = new AlignedBuffer(checked(_order.BatchSize * view.Features));
        _labels = new int[_order.BatchSize];
    }

    /// <summary>Batches of an epoch, the last partial one included.</summary>
    public int Count => _order.Count;

    /// <summary>Rows of every batch but perhaps the last.</summary>
    public int Size => _order.BatchSize;

    /// <summary>The batches of an epoch; its order depends on the seed and the epoch alone. One epoch at a time.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="epoch"/> is negative.</exception>
    public EpochBatches Epoch(int epoch)
    {
        _order.StartEpoch(epoch);
        return new EpochBatches(this);
    }

    private Batch Gather(int index)
    {
        ReadOnlySpan<int> rows = _order[index];
        _view.CopyInputs(rows, _buffer.Span, _view.Features);
        Span<int> labels = _labels.AsSpan(0, rows.Length);
        _view.CopyLabels(rows, labels);
        return new Batch(new ReadOnlyMatrixView(_buffer.Span, rows.Length, _view.Features), labels);
    }

    /// <summary>The batches of one epoch, for <c>foreach</c>.</summary>
    public ref struct EpochBatches
    {
        private readonly Batches _batches;
        private int _next;

        internal EpochBatches(Batches batches) => _batches = batches;

        /// <summary>The batch gathered last.</summary>
        public Batch Current { get; private set; }

        /// <summary>Gathers the next batch; false after the last.</summary>
        public bool MoveNext()
        {
            if (_next == _batches.Count) return false;
            Current = _batches.Gather(_next++);
            return true;
        }

        /// <summary>Itself, for <c>foreach</c>.</summary>
        public readonly EpochBatches GetEnumerator() => this;
    }
}
