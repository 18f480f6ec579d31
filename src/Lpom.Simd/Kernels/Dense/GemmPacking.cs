using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// Copies operands into the order in which the micro-kernel reads them. A panel of B holds NR columns: term p's NR floats, then term
/// p + 1's, …; columns that B lacks are zeros to the end of a vector. A tile of Aᵀ holds its rows' elements of term p, then of p + 1, ….
/// </summary>
internal static unsafe class GemmPacking
{
    // The processor foresees reads along a page of memory, but hardly across short rows that lie far apart.
    private const int ShortRow = 1024;
    private const int PrefetchTerms = 4;

    // The heights of nearly all tiles. A loop over a tile's rows takes several times as long as two moves.
    private const int Twelve = 12, Six = 6;

    /// <summary>Packs terms [first, end) of a row-major B [k × n] into panels.</summary>
    /// <param name="b">B's first element.</param>
    /// <param name="strideB">Floats between B's rows.</param>
    /// <param name="columns">n.</param>
    /// <param name="first">First term.</param>
    /// <param name="end">Term after the last.</param>
    /// <param name="panels">Panel j of the result starts at j · <paramref name="panelStep"/>; term p of it at p · NR.</param>
    /// <param name="panelStep">Floats between panels.</param>
    /// <param name="nr">NR.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Panels(float* b, nint strideB, int columns, int first, int end, float* panels, nint panelStep, int nr)
    {
        for (int p = first; p < end; p++)
        {
            float* from = b + (p * strideB);
            float* to = panels + ((nint)p * nr);
            if (columns < ShortRow) Prefetch(from + (PrefetchTerms * strideB), columns);
            int column = 0;
            for (; column + nr <= columns; column += nr, to += panelStep) Copy(from + column, to, nr);
            if (column < columns) CopyPadded(from + column, to, columns - column, PaddedWidth(columns - column, nr));
        }
    }

    /// <summary>Packs terms [first, end) of Bᵀ, B stored row-major [n × k], into panels.</summary>
    /// <inheritdoc cref="Panels" path="/param" />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PanelsTransposed(float* b, nint strideB, int columns, int first, int end, float* panels, nint panelStep, int nr)
    {
        for (int column = 0; column < columns; column += nr, panels += panelStep)
        {
            int width = Math.Min(nr, columns - column);
            float* from = b + (column * strideB) + first;
            float* to = panels + ((nint)first * nr);
            Transposition.Copy(from, strideB, width, end - first, to, nr);
            int padded = PaddedWidth(width, nr);
            if (width < padded) Clear(to + width, end - first, padded - width, nr);
        }
    }

    /// <summary>Packs a block of Aᵀ, A stored row-major [k × m], tile after tile of at most <paramref name="mr"/> rows.</summary>
    /// <param name="a">The block's first element: its rows of C are columns here.</param>
    /// <param name="strideA">Floats between A's rows, that is terms.</param>
    /// <param name="rows">Rows of C in the block.</param>
    /// <param name="depth">Terms.</param>
    /// <param name="tiles">The result; a tile that starts at row i starts at i · <paramref name="depth"/>.</param>
    /// <param name="mr">MR.</param>
    public static void Tiles(float* a, nint strideA, int rows, int depth, float* tiles, int mr)
    {
        for (int i = 0, height, count; i < rows; i += height * count)
        {
            (height, count) = EqualTiles(rows - i, mr);
            float* to = tiles + ((nint)i * depth);
            if (height == Twelve) Tiles12(a + i, strideA, count, depth, to);
            else if (height == Six) Tiles6(a + i, strideA, count, depth, to);
            else TilesOf(height, a + i, strideA, count, depth, to);
        }
    }

    /// <summary>Packs a block of row-major A [m × k], tile after tile.</summary>
    /// <inheritdoc cref="Tiles" path="/param" />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TilesTransposed(float* a, nint strideA, int rows, int depth, float* tiles, int mr)
    {
        for (int i = 0, height; i < rows; i += height)
        {
            height = TileRows(rows - i, mr);
            Transposition.Copy(a + (i * strideA), strideA, height, depth, tiles + ((nint)i * depth), height);
        }
    }

    /// <summary>Rows of the next tile when <paramref name="left"/> rows are left: tiles of nearly equal height, none above MR.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TileRows(int left, int mr)
    {
        if (left >= 2 * mr) return mr;
        return left <= mr ? left : (left + 1) / 2;
    }

    /// <summary>How many tiles of equal height follow when <paramref name="left"/> rows are left, and their height.</summary>
    public static (int Height, int Tiles) EqualTiles(int left, int mr)
    {
        if (left < 2 * mr) return (TileRows(left, mr), 1);
        return (mr, left % mr == 0 ? left / mr : (left / mr) - 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tiles12(float* a, nint strideA, int count, int depth, float* tiles)
    {
        for (int p = 0; p < depth; p++)
        {
            float* from = a + (p * strideA), to = tiles + ((nint)p * Twelve);
            for (int tile = 0; tile < count; tile++, from += Twelve, to += (nint)Twelve * depth)
            {
                Vector256.Load(from).Store(to);
                Vector128.Load(from + 8).Store(to + 8);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tiles6(float* a, nint strideA, int count, int depth, float* tiles)
    {
        for (int p = 0; p < depth; p++)
        {
            float* from = a + (p * strideA), to = tiles + ((nint)p * Six);
            for (int tile = 0; tile < count; tile++, from += Six, to += (nint)Six * depth)
            {
                Vector128.Load(from).Store(to);
                Vector64.Load(from + 4).Store(to + 4);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TilesOf(int height, float* a, nint strideA, int count, int depth, float* tiles)
    {
        for (int p = 0; p < depth; p++)
        {
            float* from = a + (p * strideA), to = tiles + ((nint)p * height);
            for (int tile = 0; tile < count; tile++, from += height, to += (nint)height * depth) Copy(from, to, height);
        }
    }

    // Any address may be prefetched, also past B's end.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* from, int count)
    {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < count; i += AlignedBuffer.Alignment / sizeof(float)) Sse.Prefetch0(from + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(float* from, float* to, int count)
    {
        int i = 0;
        for (; i + 8 <= count; i += 8) Vector256.Load(from + i).Store(to + i);
        if (i + 4 <= count)
        {
            Vector128.Load(from + i).Store(to + i);
            i += 4;
        }
        for (; i < count; i++) to[i] = from[i];
    }

    // The kernel computes whole vectors, one or two.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PaddedWidth(int width, int nr) => width <= nr / 2 ? nr / 2 : nr;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyPadded(float* from, float* to, int count, int width)
    {
        Copy(from, to, count);
        for (int i = count; i < width; i++) to[i] = 0;
    }

    private static void Clear(float* to, int rows, int cols, nint stride)
    {
        for (int row = 0; row < rows; row++) new Span<float>(to + (row * stride), cols).Clear();
    }
}
