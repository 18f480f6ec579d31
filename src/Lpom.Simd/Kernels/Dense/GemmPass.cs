using System.Diagnostics;
using Lpom.Simd.Kernels.Profile;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>A part of a product: columns of C and terms of the sum, with B's panels for them.</summary>
/// <param name="Column">First column of C.</param>
/// <param name="Columns">Columns.</param>
/// <param name="Depth">First term.</param>
/// <param name="Count">Terms.</param>
internal readonly record struct GemmPass(int Column, int Columns, int Depth, int Count)
{
    /// <summary>The block of terms that starts at term <paramref name="k"/>.</summary>
    public GemmPass Part(int k) => this with { Depth = Depth + k, Count = Math.Min(GemmBlocking.KC, Count - k) };

    /// <summary>Packs terms [first, end) of this pass's part of B into <paramref name="panels"/>.</summary>
    public unsafe void PackPanels(in GemmProblem problem, in GemmPlan plan, float* panels, int first, int end, WorkProfile? profile, int worker)
    {
        long start = profile is null ? 0 : Stopwatch.GetTimestamp();
        int nr = plan.Blocking.NR;
        nint panelStep = (nint)Count * nr;
        float* b = Source(problem, Column, Depth);
        if (problem.TransposedB) GemmPacking.PanelsTransposed(b, problem.StrideB, Columns, first, end, panels, panelStep, nr);
        else GemmPacking.Panels(b, problem.StrideB, Columns, first, end, panels, panelStep, nr);
        profile?.AddPacking(worker, start);
    }

    /// <summary>Where B's columns from <paramref name="column"/> and terms from <paramref name="depth"/> start.</summary>
    public static unsafe float* Source(in GemmProblem problem, int column, int depth) =>
        problem.B + (problem.TransposedB ? (column * problem.StrideB) + depth : (depth * problem.StrideB) + column);

    /// <summary>Packs this pass's part of A for rows [row, row + rows) of C into <paramref name="tiles"/>.</summary>
    public unsafe void PackTiles(in GemmProblem problem, in GemmPlan plan, int row, int rows, float* tiles, WorkProfile? profile, int worker)
    {
        long start = profile is null ? 0 : Stopwatch.GetTimestamp();
        float* a = problem.A + (row * problem.RowStepA) + (Depth * problem.DepthStepA);
        int mr = plan.Blocking.MR;
        if (problem.DepthStepA == 1) GemmPacking.TilesTransposed(a, problem.RowStepA, rows, Count, tiles, mr);
        else GemmPacking.Tiles(a, problem.DepthStepA, rows, Count, tiles, mr);
        profile?.AddPacking(worker, start);
    }
}
