using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Training.Inputs;

/// <summary>Receives a block of rows [at most <see cref="ScaledRows.BlockRows"/> × columns].</summary>
internal delegate void RowBlockAction(MatrixView block);

/// <summary>The rows of a data set, scaled and with a column of ones: H = [X, 1]. Gathered on all threads.</summary>
internal sealed class ScaledRows(ISampleRows rows, InputScaling scaling)
{
    /// <summary>The most rows of a block.</summary>
    public const int BlockRows = 2048;

    private const int GrainRows = 16;

    /// <summary>Number of rows.</summary>
    public int Rows => rows.Rows;

    /// <summary>Columns, the ones included.</summary>
    public int Columns => rows.Features + 1;

    /// <summary>Gathers rows by their numbers.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="numbers">The rows.</param>
    /// <param name="destination">[at least numbers × columns].</param>
    public void Gather(KernelContext context, ReadOnlyMemory<int> numbers, Matrix destination)
    {
        var job = new GatherJob(this, numbers, destination, context.Width);
        context.Run(WorkKind.Elementwise, job, numbers.Length, GrainRows);
    }

    /// <summary>Hands out so many rows, spread evenly over all, block by block.</summary>
    /// <param name="context">What the kernels run with.</param>
    /// <param name="count">From 1 to <see cref="Rows"/>, which gives every row once.</param>
    /// <param name="action">What to do with a block.</param>
    public void ForEachBlock(KernelContext context, int count, RowBlockAction action)
    {
        var block = new Matrix(Math.Min(BlockRows, count), Columns);
        int[] numbers = new int[block.Rows];
        for (int first = 0; first < count; first += BlockRows)
        {
            int end = Math.Min(count, first + BlockRows);
            for (int i = first; i < end; i++) numbers[i - first] = (int)((long)i * Rows / count);
            Gather(context, numbers.AsMemory(0, end - first), block);
            action(block.Top(end - first));
        }
    }

    /// <summary>Scales a row [columns] of which all but the last value are there, and puts the one behind it.</summary>
    public void Complete(SimdWidth width, Span<float> row)
    {
        scaling.Apply(width, row[..^1]);
        row[^1] = 1f;
    }

    private readonly struct GatherJob(ScaledRows rows, ReadOnlyMemory<int> numbers, Matrix destination, SimdWidth width) : ITeamJob
    {
        public void Run(int worker, int first, int end)
        {
            for (int i = first; i < end; i++) rows.CopyRow(width, numbers.Span[i], destination.View.Row(i));
        }
    }

    private void CopyRow(SimdWidth width, int number, Span<float> row)
    {
        rows.CopyInputs(number, 1, row[..^1], row.Length - 1);
        Complete(width, row);
    }
}
