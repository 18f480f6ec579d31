using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>Some rows times a range of B's panels: the micro-kernel on rows of A in place, strip of columns after strip.</summary>
internal readonly unsafe struct PackedRowsJob<TW, TV, TFormat>(PackedOperands operands) : ITeamJob
    where TW : struct, ISimdWidth<TV>
    where TV : struct
    where TFormat : struct, IWeightFormat
{
    // Of A, what stays in the L2 cache while a strip is multiplied.
    private const int BlockRows = 128;

    private static int Strip => 2 * TW.Lanes;

    private static int TermBytes => PackedMatrix.PanelColumns * TFormat.Size;

    /// <inheritdoc />
    public void Run(int worker, int first, int end)
    {
        int last = Math.Min(end * PackedMatrix.PanelColumns, operands.B.Columns);
        for (int column = first * PackedMatrix.PanelColumns; column < last; column += Strip)
        {
            int columns = Math.Min(Strip, last - column);
            for (int row = 0; row < operands.Rows; row += BlockRows) Block(row, Math.Min(BlockRows, operands.Rows - row), column, columns);
        }
    }

    [SkipLocalsInit]
    private void Block(int row, int rows, int column, int columns)
    {
        float* c = operands.C + (row * operands.StrideC) + column;
        if (columns == Strip || columns == TW.Lanes)
        {
            Multiply(row, rows, column, columns, c, operands.StrideC);
            return;
        }
        // Tiles that have more columns than C are computed whole beside it.
        float* beside = stackalloc float[BlockRows * Strip];
        Multiply(row, rows, column, columns, beside, Strip);
        for (int i = 0; i < rows; i++)
            new ReadOnlySpan<float>(beside + (i * Strip), columns).CopyTo(new Span<float>(c + (i * operands.StrideC), columns));
    }

    [SkipLocalsInit]
    private void Multiply(int row, int rows, int column, int columns, float* c, nint strideC)
    {
        bool inPlace = typeof(TFormat) == typeof(Float32Format);
        float* widened = stackalloc float[typeof(TFormat) == typeof(Float32Format) ? 1 : GemmBlocking.KC * Strip];
        byte* b = operands.B.Panel(column);
        int vectors = columns > TW.Lanes ? 2 : 1;
        for (int depth = 0; depth < operands.B.Terms; depth += GemmBlocking.KC, b += GemmBlocking.KC * TermBytes)
        {
            int count = Math.Min(GemmBlocking.KC, operands.B.Terms - depth);
            if (!inPlace) Widen(b, count, vectors, widened);
            TileColumn tile = new()
            {
                Vectors = vectors,
                Depth = count,
                RowStepA = operands.StrideA,
                TermStepA = 1,
                PackedB = !inPlace || PackedMatrix.PanelColumns == Strip,
                B = inPlace ? (float*)b : widened,
                StepB = inPlace ? PackedMatrix.PanelColumns : Strip,
                StrideC = strideC,
                Alpha = 1,
                Accumulate = depth > 0,
            };
            Tiles(tile, operands.A + (row * operands.StrideA) + depth, rows, c);
        }
    }

    private void Tiles(TileColumn tile, float* a, int rows, float* c)
    {
        int mr = GemmBlocking.For<TW, TV>().MR;
        for (int row = 0; row < rows; row += tile.Rows * tile.Tiles)
        {
            (tile.Rows, tile.Tiles) = GemmPacking.EqualTiles(rows - row, mr);
            tile.A = a + (row * operands.StrideA);
            tile.TileStepA = tile.Rows * operands.StrideA;
            tile.C = c + (row * tile.StrideC);
            GemmKernel.Run<TW, TV>(tile);
        }
    }

    // Pairs of bfloat16; of an odd number of terms the last one's neighbour is zero, and has room.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(byte* b, int terms, int vectors, float* to)
    {
        for (int term = 0; term < terms; term += 2, b += 2 * TermBytes, to += 2 * Strip)
        {
            for (int vector = 0; vector < vectors; vector++)
            {
                TV pairs = TW.Load((float*)b + (vector * TW.Lanes));
                TW.Store(TW.LowBFloat16(pairs), to + (vector * TW.Lanes));
                TW.Store(TW.HighBFloat16(pairs), to + Strip + (vector * TW.Lanes));
            }
        }
    }
}
