using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Kernels.Threads;

namespace Lpom.Simd.Training.Inputs;

/// <summary>Receives a block of rows [count × columns], which begins with a row of the data set.</summary>
internal delegate void RowBlockAction(MatrixView block, int firstRow);

/// <summary>The rows of a data set, scaled and with a column of ones: H = [X, 1]. Copied a block at a time, on all threads.</summary>
internal sealed class ScaledRows(ISampleRows rows, InputScaling scaling)
{
    private const int BlockRows = 2048, GrainRows = 16;

    /// <summary>Number of rows.</summary>
    public int Rows => rows.Rows;

    /// <summary>Columns, the ones included.</summary>
    public int Columns => rows.Features + 1;

    /// <summary>Fills a block with consecutive rows.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="firstRow">The first.</param>
    /// <param name="block">[at least count × columns].</param>
    /// <param name="count">How many.</param>
    public void Copy(KernelContext context, int firstRow, Matrix block, int count)
    {
        var job = new CopyJob(this, firstRow, block);
        context.Run(WorkKind.Elementwise, job, count, GrainRows);
    }

    /// <summary>Gathers rows by their numbers.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="numbers">The rows.</param>
    /// <param name="destination">[at least numbers × columns].</param>
    public void Gather(KernelContext context, ReadOnlyMemory<int> numbers, Matrix destination)
    {
        var job = new GatherJob(this, numbers, destination);
        context.Run(WorkKind.Elementwise, job, numbers.Length, GrainRows);
    }

    /// <summary>Hands out all rows, block by block, in order.</summary>
    public void ForEachBlock(KernelContext context, RowBlockAction action)
    {
        var block = new Matrix(Math.Min(BlockRows, Rows), Columns);
        for (int first = 0; first < Rows; first += BlockRows)
        {
            int count = Math.Min(BlockRows, Rows - first);
            Copy(context, first, block, count);
            action(block.Top(count), first);
        }
    }

    /// <summary>The mean square of each column.</summary>
    public double[] MeanSquares()
    {
        double[] means = new double[Columns];
        float[] row = new float[Columns];
        for (int i = 0; i < Rows; i++)
        {
            CopyRow(i, row);
            for (int j = 0; j < row.Length; j++) means[j] += (double)row[j] * row[j] / Rows;
        }
        return means;
    }

    /// <summary>Scales a row [columns] of which all but the last value are there, and puts the one behind it.</summary>
    public void Complete(Span<float> row)
    {
        scaling.Apply(row[..^1]);
        row[^1] = 1f;
    }

    private void CopyRow(int number, Span<float> row)
    {
        rows.CopyInputs(number, 1, row[..^1], row.Length - 1);
        Complete(row);
    }

    private readonly struct CopyJob(ScaledRows rows, int firstRow, Matrix block) : ITeamJob
    {
        public void Run(int worker, int first, int end)
        {
            for (int i = first; i < end; i++) rows.CopyRow(firstRow + i, block.View.Row(i));
        }
    }

    private readonly struct GatherJob(ScaledRows rows, ReadOnlyMemory<int> numbers, Matrix destination) : ITeamJob
    {
        public void Run(int worker, int first, int end)
        {
            for (int i = first; i < end; i++) rows.CopyRow(numbers.Span[i], destination.View.Row(i));
        }
    }
}
