using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>One cross-entropy per row.</summary>
internal readonly unsafe struct CrossEntropyJob(Rows scores, Rows targets, int cols, double* losses, SimdWidth width) : ITeamJob
{
    private const int ExpBlock = 64;

    public void Run(int worker, int first, int end)
    {
        Kernel kernel = new(this, first, end);
        SimdLevel.Run(width, ref kernel);
    }

    private readonly struct Kernel(CrossEntropyJob job, int firstRow, int endRow) : IKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TW, TV>()
            where TW : struct, ISimdWidth<TV>
            where TV : struct
        {
            for (int row = firstRow; row < endRow; row++) job.Row<TW, TV>(row);
        }
    }

    private void Row<TW, TV>(int row)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        float* score = scores.Skip(row, 0).Start;
        float* target = targets.Skip(row, 0).Start;
        double logSum = LogSumExp<TW, TV>(score);
        double loss = 0.0;
        for (nint j = 0; j < cols; j++)
        {
            if (target[j] != 0f) loss += target[j] * (logSum - score[j]);
        }
        losses[row] = loss;
    }

    private double LogSumExp<TW, TV>(float* score)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        float* block = stackalloc float[ExpBlock];
        float max = RowMax.Of<TW, TV>(score, cols);
        ShiftedExp exp = new(max);
        double sum = 0.0;
        for (nint start = 0; start < cols; start += ExpBlock)
        {
            nint count = Math.Min(ExpBlock, cols - start);
            new MapKernel<UnaryBody<ShiftedExp>>(new(exp, new(score + start, 0), new(block, 0)), 1, count).Run<TW, TV>();
            sum += RowSum.Of(block, count);
        }
        return max + Math.Log(sum);
    }
}
