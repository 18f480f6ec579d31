using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Tests.Support;
using static Lpom.Simd.Tests.Kernels.Dense.DenseReference;

namespace Lpom.Simd.Tests.Kernels.Dense;

public class GemmTests
{
    private static readonly GemmForm[] Forms = [GemmForm.NN, GemmForm.NT, GemmForm.TN];

    public static TheoryData<SimdWidth, int> WidthsAndForms
    {
        get
        {
            TheoryData<SimdWidth, int> data = [];
            foreach (SimdWidth width in Widths.List)
            {
                foreach (GemmForm form in Forms) data.Add(width, (int)form);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(WidthsAndForms))]
    public void EveryEdgeOfATileEqualsTheReference(SimdWidth width, int form)
    {
        (int mr, int nr) = Tile(width);
        using KernelContext context = new(1, width);
        // Rows below and above the limit under which B is read in place.
        foreach (int m in Edges(mr).Append(29).Append(31))
        {
            foreach (int n in Edges(nr))
            {
                foreach (int k in new[] { 1, 2, 3, 4, 5, 7, 13 }) Check(context, (GemmForm)form, m, n, k, gap: (m + n + k) % 3, atStart: n % 2 == 0);
            }
        }
    }

    [Theory]
    [MemberData(nameof(WidthsAndForms))]
    public void EverySizeUpToTwoTilesEqualsTheReference(SimdWidth width, int form)
    {
        (int mr, int nr) = Tile(width);
        using KernelContext context = new(1, width);
        for (int m = 0; m <= (2 * mr) + 1; m++)
        {
            // Each size with one of the depths.
            for (int n = 0; n <= (2 * nr) + 1; n++) Check(context, (GemmForm)form, m, n, k: (m + (3 * n)) % 9, gap: (m + n) % 3, atStart: n % 2 == 0);
        }
    }

    [Theory]
    [MemberData(nameof(WidthsAndForms))]
    public void DepthsAroundABlockEqualTheReference(SimdWidth width, int form)
    {
        (int mr, int nr) = Tile(width);
        using KernelContext context = new(1, width);
        foreach (int k in new[] { 0, 255, 256, 257, 511, 512, 513, 770 })
        {
            Check(context, (GemmForm)form, mr + 1, nr + 1, k, gap: 1, atStart: false);
            Check(context, (GemmForm)form, 49, nr - 1, k, gap: 0, atStart: true);
            // Few rows, whose panels are packed one at a time.
            Check(context, (GemmForm)form, 74, 160, k, gap: 0, atStart: true);
            Check(context, (GemmForm)form, 33, 128 + nr + 1, k, gap: 1, atStart: false);
            Check(context, (GemmForm)form, mr + 1, 128 + nr + 1, k, gap: 1, atStart: true);
            // Few rows of Aᵀ against fewer columns than packing B would repay.
            Check(context, (GemmForm)form, mr + 1, nr + (nr / 2), 4 * k, gap: 1, atStart: true);
            // One row, in pairs of vectors and what is left of them.
            Check(context, (GemmForm)form, 1, (3 * nr) - 1, k, gap: 1, atStart: false);
        }
    }

    private static void Check(KernelContext context, GemmForm form, int m, int n, int k, int gap, bool atStart)
    {
        using GuardedMatrix a = (form == GemmForm.TN ? new GuardedMatrix(k, m, gap, atStart) : new GuardedMatrix(m, k, gap, atStart)).Fill(Noise(1));
        using GuardedMatrix b = (form == GemmForm.NT ? new GuardedMatrix(n, k, gap, atStart) : new GuardedMatrix(k, n, gap, atStart)).Fill(Noise(2));
        using GuardedMatrix c = new GuardedMatrix(m, n, gap, atStart).Fill((_, _) => float.NaN);
        (double[,] plainA, double[,] plainB) = Plain(form, a.View, b.View);
        double[,] expected = Multiply(plainA, plainB);
        string what = $"{form} {m} {n} {k} at {context.Width}";
        double tolerance = 1e-6 * (k + 1);

        Gemm.Multiply(context, form, a.View, b.View, c.View);
        AssertClose(expected, c.View, tolerance, what);
        c.CheckGaps();

        c.Fill(Noise(3));
        double[,] sum = ToDouble(c.View);
        Gemm.Multiply(context, form, a.View, b.View, c.View, alpha: -0.5f, accumulate: true);
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++) sum[i, j] -= 0.5 * expected[i, j];
        }
        AssertClose(sum, c.View, tolerance, what + " accumulated");
        c.CheckGaps();
    }

    // Both sides of each edge, and everything within the first tile's rows: at every depth here, and at every size with one of them.
    private static IEnumerable<int> Edges(int tile) =>
        Enumerable.Range(1, Math.Min(tile, 8)).Concat([tile - 1, tile, tile + 1, tile + (tile / 2), (2 * tile) - 1, 2 * tile, (2 * tile) + 1])
            .Where(size => size > 0).Distinct();

    private static (int MR, int NR) Tile(SimdWidth width) => width switch
    {
        SimdWidth.Bits512 => (12, 32),
        SimdWidth.Bits256 => (6, 16),
        SimdWidth.Bits128 => (6, 8),
        _ => (6, 2),
    };
}
