using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// The outer loops of a product at one width: over columns and depth, as much of B as <see cref="GemmBlocking.PackedFloats"/> is
/// packed by the whole team, then the team multiplies it by all rows of A.
/// </summary>
internal unsafe struct GemmDriver<TEpilogue>(KernelContext context, GemmProblem problem, TEpilogue epilogue) : IKernel
    where TEpilogue : struct, IGemmEpilogue
{
    private GemmProblem problem = problem;

    /// <inheritdoc />
    public void Run<TW, TV>()
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        GemmBlocking blocking = GemmBlocking.For<TW, TV>();
        bool alone = problem.Work < GemmBlocking.TeamThreshold;
        int workers = alone ? 1 : context.Team.Size;
        for (int column = 0; column < problem.N; column += GemmBlocking.NC)
        {
            int columns = Math.Min(GemmBlocking.NC, problem.N - column);
            GemmJob<TW, TV, TEpilogue> job = new(context, blocking, problem, column, columns, workers, epilogue);
            if (problem.K == 0) job.Finish();
            for (int depth = 0; depth < problem.K; depth += job.PackedDepth)
            {
                GemmPackingJob packing = job.Start(context, depth);
                if (alone)
                {
                    packing.Run(0, 1);
                    job.Run(0, 1);
                    continue;
                }
                context.Team.Run(ref packing);
                context.Team.Run(ref job);
            }
        }
    }
}

/// <summary>Packs terms of B into panels, each worker a range of terms.</summary>
internal unsafe struct GemmPackingJob : ITeamJob
{
    public float* B;
    public nint StrideB;
    public bool Transposed;
    public int Columns;
    public int Depth;
    public float* Panels;
    public nint PanelStep;
    public int NR;

    /// <inheritdoc />
    public readonly void Run(int worker, int workers)
    {
        if (Columns == 0) return;
        (int first, int end) = Partition.Range(Depth, 4, worker, workers);
        if (Transposed) GemmPacking.PanelsTransposed(B, StrideB, Columns, first, end, Panels, PanelStep, NR);
        else GemmPacking.Panels(B, StrideB, Columns, first, end, Panels, PanelStep, NR);
    }
}
