using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>
/// The partial results of a reduction. Rows are cut into blocks of <see cref="BlockCols"/> columns, blocks are numbered row by row, and
/// each <see cref="ChunkBlocks"/> of them give one partial: a split by the shape alone.
/// </summary>
internal readonly unsafe struct ReduceJob<TBody>(TBody body, int rows, int cols, double* partials, SimdWidth width) : ITeamJob
    where TBody : struct, IReduceBody<TBody>
{
    public const int BlockCols = 512;
    public const int ChunkBlocks = 8;

    public int Blocks => checked(rows * BlocksPerRow);

    public int Chunks => (Blocks + ChunkBlocks - 1) / ChunkBlocks;

    private int BlocksPerRow => (cols / BlockCols) + (cols % BlockCols == 0 ? 0 : 1);

    public void Run(int worker, int first, int end)
    {
        Kernel kernel = new(this, first, end);
        SimdLevel.Run(width, ref kernel);
    }

    private readonly struct Kernel(ReduceJob<TBody> job, int firstChunk, int endChunk) : IKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TW, TV>()
            where TW : struct, ISimdWidth<TV>
            where TV : struct
        {
            for (int chunk = firstChunk; chunk < endChunk; chunk++)
            {
                double partial = TBody.Empty;
                int end = (int)Math.Min((chunk + 1L) * ChunkBlocks, job.Blocks);
                for (int block = chunk * ChunkBlocks; block < end; block++)
                    partial = TBody.Combine(partial, job.Block<TW, TV>(block));
                job.Store(chunk, partial);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double Block<TW, TV>(int block)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        (int row, int part) = Math.DivRem(block, BlocksPerRow);
        int col = part * BlockCols;
        return body.Skip(row, col).Block<TW, TV>(Math.Min(BlockCols, cols - col));
    }

    private void Store(int chunk, double partial) => partials[chunk] = partial;
}
