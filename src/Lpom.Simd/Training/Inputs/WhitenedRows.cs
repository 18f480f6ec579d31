using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Kernels.Threads;

namespace Lpom.Simd.Training.Inputs;

/// <summary>The training rows H·L⁻ᵀ, all of them, made once and kept: N·n floats.</summary>
internal sealed class WhitenedRows
{
    private const int GrainRows = 8;

    private readonly Matrix _rows;

    public WhitenedRows(KernelContext context, ScaledRows rows, InputMetric metric)
    {
        _rows = new Matrix(rows.Rows, rows.Columns);
        rows.ForEachBlock(context, (block, first) =>
        {
            metric.Whiten(context, block);
            block.CopyTo(_rows.View.SliceRows(first, block.Rows));
        });
    }

    /// <summary>Whether there can be such a matrix, in at most so many bytes.</summary>
    public static bool Fits(ScaledRows rows, long bytes) =>
        Matrix.Fits(rows.Rows, rows.Columns) && (long)rows.Rows * Matrix.StrideFor(rows.Columns) * sizeof(float) <= bytes;

    /// <summary>Gathers rows by their numbers.</summary>
    public void Gather(KernelContext context, ReadOnlyMemory<int> numbers, Matrix destination)
    {
        var job = new GatherJob(_rows, numbers, destination);
        context.Run(WorkKind.Elementwise, job, numbers.Length, GrainRows);
    }

    private readonly struct GatherJob(Matrix rows, ReadOnlyMemory<int> numbers, Matrix destination) : ITeamJob
    {
        public void Run(int worker, int first, int end)
        {
            for (int i = first; i < end; i++) rows.View.Row(numbers.Span[i]).CopyTo(destination.View.Row(i));
        }
    }
}
