using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Training.Distributed;

/// <summary>A matrix of a list.</summary>
internal delegate MatrixView MatrixAt(int index);

/// <summary>
/// How the ranks share a step: of every matrix each rank makes some consecutive rows, which then reach all ranks. What is made of whole
/// matrices, such as a sum, is made on every rank from the same values: nothing that is computed depends on the number of ranks.
/// </summary>
internal sealed class RankGroup(ICommunicator ranks)
{
    // Larger parts travel from where they lie; smaller ones together, since a message costs as long as copying them twice.
    private const int LeastOwnMessage = 1 << 15;

    private readonly int[] _starts = new int[ranks.Size + 1];
    private AlignedBuffer _bucket = new(0);

    /// <inheritdoc cref="ICommunicator" />
    public ICommunicator Ranks => ranks;

    /// <summary>This rank's part of so many rows; may be empty.</summary>
    public RowRange Share(int rows) => new(First(rows, ranks.Rank), First(rows, ranks.Rank + 1) - First(rows, ranks.Rank));

    /// <summary>Has every rank's rows of some matrices reach all ranks.</summary>
    /// <param name="matrices">Gives the same matrix for a number every time.</param>
    /// <param name="count">The numbers are 0 to count − 1.</param>
    public void Exchange(MatrixAt matrices, int count)
    {
        if (SetBucketStarts(matrices, count) > 0)
        {
            CopyShare(matrices, count, ranks.Rank, isOut: true);
            ranks.AllGather(_bucket.Span[.._starts[ranks.Size]], _starts);
            for (int rank = 0; rank < ranks.Size; rank++)
            {
                if (rank != ranks.Rank) CopyShare(matrices, count, rank, isOut: false);
            }
        }
        for (int i = 0; i < count; i++)
        {
            if (!IsSmall(matrices(i))) ExchangeInPlace(matrices(i));
        }
    }

    private static bool IsSmall(ReadOnlyMatrixView matrix, int size) => (long)matrix.Rows * matrix.Cols < (long)LeastOwnMessage * size;

    private bool IsSmall(ReadOnlyMatrixView matrix) => IsSmall(matrix, ranks.Size);

    private int First(int rows, int rank) => (int)((long)rows * rank / ranks.Size);

    private int SetBucketStarts(MatrixAt matrices, int count)
    {
        int length = 0;
        for (int rank = 0; rank < ranks.Size; rank++)
        {
            _starts[rank] = length;
            for (int i = 0; i < count; i++)
            {
                MatrixView matrix = matrices(i);
                if (IsSmall(matrix)) length = checked(length + ((First(matrix.Rows, rank + 1) - First(matrix.Rows, rank)) * matrix.Cols));
            }
        }
        _starts[ranks.Size] = length;
        // Grows in the first steps alone.
        if (_bucket.Span.Length < length) _bucket = new AlignedBuffer(length);
        return length;
    }

    private void CopyShare(MatrixAt matrices, int count, int rank, bool isOut)
    {
        int at = _starts[rank];
        for (int i = 0; i < count; i++)
        {
            MatrixView matrix = matrices(i);
            if (!IsSmall(matrix)) continue;
            for (int row = First(matrix.Rows, rank); row < First(matrix.Rows, rank + 1); row++, at += matrix.Cols)
            {
                Span<float> inBucket = _bucket.Span.Slice(at, matrix.Cols);
                if (isOut) matrix.Row(row).CopyTo(inBucket);
                else inBucket.CopyTo(matrix.Row(row));
            }
        }
    }

    private void ExchangeInPlace(MatrixView matrix)
    {
        Span<float> memory = matrix.Memory;
        for (int rank = 0; rank < ranks.Size; rank++) _starts[rank] = First(matrix.Rows, rank) * matrix.Stride;
        _starts[ranks.Size] = memory.Length;
        ranks.AllGather(memory, _starts);
    }
}
