using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// The block sizes of a matrix product, one row per width. A tile of C is <see cref="MR"/> rows × <see cref="NR"/> columns in
/// registers; a panel of B is <see cref="KC"/> × NR floats in the L1 cache; a block of A is <see cref="MC"/> × KC in L2.
/// </summary>
/// <param name="MR">Rows of a tile.</param>
/// <param name="NR">Columns of a tile: two vectors.</param>
/// <param name="MC">
/// Rows of a block of A that is read in place, a multiple of MR. Small: with a power-of-two stride its rows share few sets of the L2
/// cache.
/// </param>
/// <param name="SmallRows">Up to this many rows of C, packing B costs more than it saves, and B is read in place.</param>
internal readonly record struct GemmBlocking(int MR, int NR, int MC, int SmallRows)
{
    /// <summary>
    /// Depth of a block over k. The same at every width: it fixes the order in which an element's terms are added, which makes C the
    /// same for any tiling, any number of threads and any width on one machine.
    /// </summary>
    public const int KC = 256;

    /// <summary>Columns of C per pass over A.</summary>
    public const int NC = 4096;

    /// <summary>Rows of a block of A that is packed, a multiple of every MR. A batch of 128 is one block.</summary>
    public const int PackedMC = 132;

    /// <summary>Columns of C from which a worker alone takes a batch's rows panel by panel.</summary>
    public const int MinSplitColumns = 128;

    /// <summary>Columns of C from which packing a row-major A pays, and from which a worker alone takes more rows panel by panel.</summary>
    public const int PackedColumns = 512;

    /// <summary>Columns of C per worker from which each packs all of a few rows of A for itself.</summary>
    public const int OwnTilesColumns = 32;

    /// <summary>Rows of A at most that are packed at a time when columns are split: with KC terms half a MiB, which stays in L2.</summary>
    public const int OwnBlockRows = 512;

    /// <summary>Columns of C per worker from which several workers split columns for more rows than <see cref="PackedMC"/>.</summary>
    public const int OwnBlockColumns = 96;

    /// <summary>The same for a transposed A.</summary>
    public const int OwnTransposedBlockColumns = 256;

    /// <summary>Floats of an operand that the team packs at a time: 4 MiB, of which every worker's part reads all.</summary>
    public const int PackedFloats = 1 << 20;

    /// <summary>Floats of a packed block of A: half a MiB, which stays in L2 with the panel and C.</summary>
    public const int PackedBlockFloats = 1 << 17;

    /// <summary>Tiles of rows at least that a worker takes at a time: about 100 µs of one AVX2 core at 100 columns of depth 2048.</summary>
    public const int GrainTiles = 4;

    /// <summary>Panels at least that a worker takes at a time when columns are split.</summary>
    public const int GrainPanels = 1;

    /// <summary>Terms at least that a worker packs at a time.</summary>
    public const int GrainTerms = 32;

    /// <summary>
    /// m·n·k from which a product is worth waking the team: about 20 µs of one AVX2 core, ten times a dispatch.
    /// </summary>
    public const long TeamThreshold = 1 << 20;

    /// <summary>n·k from which a product with one row is worth waking the team: memory sets its pace, about 100 µs.</summary>
    public const long RowTeamThreshold = 1 << 20;

    /// <summary>Elements at least of a product with one row that a worker takes at a time.</summary>
    public const int RowGrain = 1024;

    /// <summary>The same when B is transposed: four AVX-512 vectors.</summary>
    public const int TransposedRowGrain = 64;

    /// <summary>
    /// The row for a width. 12 × 2 vectors fill 24 of AVX-512's 32 registers, 6 × 2 vectors 12 of the other sets' 16; both leave room
    /// for two vectors of B and one broadcast of A.
    /// </summary>
    public static GemmBlocking For<TW, TV>()
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.Lanes switch
        {
            16 => new GemmBlocking(MR: 12, NR: 32, MC: 96, SmallRows: 28),
            8 => new GemmBlocking(MR: 6, NR: 16, MC: 48, SmallRows: 28),
            4 => new GemmBlocking(MR: 6, NR: 8, MC: 48, SmallRows: 28),
            _ => new GemmBlocking(MR: 6, NR: 2, MC: 48, SmallRows: 28),
        };

    /// <summary>Depth at which <paramref name="width"/> rows or columns fill so many floats: a multiple of KC, or all of k.</summary>
    public static int PackedDepth(int width, int k, int floats)
    {
        int blocks = Math.Max(1, floats / (KC * width));
        return (int)Math.Min((long)blocks * KC, k);
    }
}
