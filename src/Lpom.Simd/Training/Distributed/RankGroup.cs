using System.Runtime.InteropServices;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;

namespace Lpom.Simd.Training.Distributed;

/// <summary>A matrix of a list.</summary>
internal delegate MatrixView MatrixAt(int index);

/// <summary>
/// How the ranks share a step: each has some units of every layer that is large enough, with their weights, and some rows of other
/// matrices; what they make reaches all. Sums over the ranks are made on every rank, in the order of the ranks: the same bits everywhere,
/// and in every run of as many ranks.
/// </summary>
internal sealed class RankGroup
{
    /// <summary>Multiply-adds of a layer and batch from which sharing saves more than its messages take.</summary>
    public const long LeastShared = 1 << 21;

    /// <summary>Floats of a part from which it travels from where it lies; smaller ones go together, since a message costs as long as copying them twice.</summary>
    public const int LeastOwnMessage = 1 << 15;

    private const int SumFloats = sizeof(double) / sizeof(float);

    private readonly int[] _starts;
    private readonly int[] _arrivals;
    private AlignedBuffer _outgoing = new(0);
    private AlignedBuffer _incoming = new(0);

    public RankGroup(ICommunicator ranks)
    {
        Ranks = ranks;
        (_starts, _arrivals) = (new int[ranks.Size + 1], new int[ranks.Size + 1]);
    }

    public ICommunicator Ranks { get; }

    /// <summary>Whether a layer's units are divided; else every rank does them all.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="batch">The most rows of a step.</param>
    public bool Shares(BiasedLayer layer, int batch) => layer.Outputs >= Ranks.Size && (long)batch * layer.Outputs * layer.Inputs >= LeastShared;

    /// <summary>This rank's part of so many rows or units; may be empty.</summary>
    public RowRange Share(int rows) => Share(rows, Ranks.Rank);

    /// <summary>Has every rank's rows of some matrices reach all ranks.</summary>
    /// <param name="matrices">Gives the same matrix for a number every time; one without rows is left out.</param>
    /// <param name="count">The numbers are 0 to count − 1.</param>
    public void GatherRows(MatrixAt matrices, int count)
    {
        SetBucketStarts(matrices, count);
        if (_starts[^1] > 0)
        {
            CopyShare(matrices, count, Ranks.Rank, isOut: true);
            Ranks.AllGather(Outgoing(_starts[^1]), _starts);
            for (int rank = 0; rank < Ranks.Size; rank++)
            {
                if (rank != Ranks.Rank) CopyShare(matrices, count, rank, isOut: false);
            }
        }
        for (int i = 0; i < count; i++)
        {
            if (!IsSmall(matrices(i))) GatherInPlace(matrices(i));
        }
    }

    /// <summary>Has every rank's columns of a matrix reach all ranks.</summary>
    public void GatherColumns(MatrixView matrix)
    {
        for (int rank = 0; rank <= Ranks.Size; rank++) _starts[rank] = checked(matrix.Rows * First(matrix.Cols, rank));
        Span<float> bucket = Outgoing(_starts[^1]);
        Columns(matrix, Ranks.Rank).CopyTo(InBucket(bucket, matrix, Ranks.Rank));
        Ranks.AllGather(bucket, _starts);
        for (int rank = 0; rank < Ranks.Size; rank++)
        {
            if (rank != Ranks.Rank) InBucket(bucket, matrix, rank).CopyTo(Columns(matrix, rank));
        }
    }

    /// <summary>Σ over the ranks of D·W, each over its own units: this rank's columns of it.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="deviation">D of this rank's units [m × units].</param>
    /// <param name="weights">W of this rank's units [units × inputs].</param>
    /// <param name="sum">[m × this rank's share of the inputs], overwritten.</param>
    public void SumProducts(KernelContext context, ReadOnlyMatrixView deviation, ReadOnlyMatrixView weights, MatrixView sum)
    {
        int m = deviation.Rows, inputs = weights.Cols;
        RowRange own = Share(inputs);
        for (int rank = 0; rank <= Ranks.Size; rank++) (_starts[rank], _arrivals[rank]) = checked((m * First(inputs, rank), m * own.Count * rank));
        Span<float> outgoing = Outgoing(_starts[^1]), incoming = Incoming(_arrivals[^1]);
        for (int rank = 0; rank < Ranks.Size; rank++)
        {
            RowRange share = Share(inputs, rank);
            var product = new MatrixView(outgoing.Slice(_starts[rank], m * share.Count), m, share.Count);
            Gemm.Multiply(context, GemmForm.NN, deviation, weights.SliceCols(share.First, share.Count), product);
        }
        Ranks.AllToAll(outgoing, _starts, incoming, _arrivals);
        Arrived(incoming, sum, 0).CopyTo(sum);
        for (int rank = 1; rank < Ranks.Size; rank++) Map.Binary(context, new AxpBy(1f, 1f), sum, Arrived(incoming, sum, rank), sum);
    }

    /// <summary>Makes room for <see cref="Sum"/> of so many values.</summary>
    public void ReserveSum(int values) => _ = Outgoing(checked(values * SumFloats * Ranks.Size));

    /// <summary>Sums over the ranks, element by element.</summary>
    public void Sum(Span<double> values)
    {
        int length = values.Length * SumFloats;
        for (int rank = 0; rank <= Ranks.Size; rank++) _starts[rank] = rank * length;
        Span<float> bucket = Outgoing(_starts[^1]);
        MemoryMarshal.Cast<double, float>(values).CopyTo(bucket.Slice(_starts[Ranks.Rank], length));
        Ranks.AllGather(bucket, _starts);
        values.Clear();
        Span<double> all = MemoryMarshal.Cast<float, double>(bucket);
        for (int i = 0; i < all.Length; i++) values[i % values.Length] += all[i];
    }

    private static bool IsSmall(ReadOnlyMatrixView matrix, int size) => (long)matrix.Rows * matrix.Cols < (long)LeastOwnMessage * size;

    private static MatrixView Arrived(Span<float> incoming, ReadOnlyMatrixView like, int rank) =>
        new(incoming.Slice(rank * like.Rows * like.Cols, like.Rows * like.Cols), like.Rows, like.Cols);

    private bool IsSmall(ReadOnlyMatrixView matrix) => IsSmall(matrix, Ranks.Size);

    private int First(int rows, int rank) => (int)((long)rows * rank / Ranks.Size);

    private RowRange Share(int rows, int rank) => new(First(rows, rank), First(rows, rank + 1) - First(rows, rank));

    private MatrixView Columns(MatrixView matrix, int rank)
    {
        RowRange columns = Share(matrix.Cols, rank);
        return matrix.SliceCols(columns.First, columns.Count);
    }

    private MatrixView InBucket(Span<float> bucket, ReadOnlyMatrixView matrix, int rank)
    {
        int columns = Share(matrix.Cols, rank).Count;
        return new MatrixView(bucket.Slice(_starts[rank], matrix.Rows * columns), matrix.Rows, columns);
    }

    // Both grow in the first steps alone.
    private Span<float> Outgoing(int length) => Grown(ref _outgoing, length);

    private Span<float> Incoming(int length) => Grown(ref _incoming, length);

    private static Span<float> Grown(ref AlignedBuffer buffer, int length)
    {
        if (buffer.Span.Length < length) buffer = new AlignedBuffer(length);
        return buffer.Span[..length];
    }

    private void SetBucketStarts(MatrixAt matrices, int count)
    {
        int length = 0;
        for (int rank = 0; rank < Ranks.Size; rank++)
        {
            _starts[rank] = length;
            for (int i = 0; i < count; i++)
            {
                MatrixView matrix = matrices(i);
                if (IsSmall(matrix)) length = checked(length + (Share(matrix.Rows, rank).Count * matrix.Cols));
            }
        }
        _starts[^1] = length;
    }

    private void CopyShare(MatrixAt matrices, int count, int rank, bool isOut)
    {
        Span<float> bucket = Outgoing(_starts[^1]);
        int at = _starts[rank];
        for (int i = 0; i < count; i++)
        {
            MatrixView matrix = matrices(i);
            if (!IsSmall(matrix)) continue;
            RowRange rows = Share(matrix.Rows, rank);
            var inBucket = new MatrixView(bucket.Slice(at, rows.Count * matrix.Cols), rows.Count, matrix.Cols);
            if (isOut) matrix.SliceRows(rows.First, rows.Count).CopyTo(inBucket);
            else inBucket.CopyTo(matrix.SliceRows(rows.First, rows.Count));
            at += rows.Count * matrix.Cols;
        }
    }

    private void GatherInPlace(MatrixView matrix)
    {
        Span<float> memory = matrix.Memory;
        for (int rank = 0; rank < Ranks.Size; rank++) _starts[rank] = First(matrix.Rows, rank) * matrix.Stride;
        _starts[^1] = memory.Length;
        Ranks.AllGather(memory, _starts);
    }
}
