using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>The outer loops of a product at one width, and its dispatches to the team.</summary>
internal readonly unsafe struct GemmDriver<TEpilogue>(KernelContext context, GemmProblem problem, TEpilogue epilogue) : IKernel
    where TEpilogue : struct, IGemmEpilogue
{
    private readonly GemmProblem _problem = problem;

    /// <inheritdoc />
    public void Run<TW, TV>()
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        GemmPlan plan = new(_problem, GemmBlocking.For<TW, TV>(), context.Team.Size);
        float* panels = context.Scratch(ScratchSlot.Panels, checked(plan.PanelLength * (plan.PrivatePanels ? plan.Workers : 1)));
        float* blocks = plan.BlockLength == 0 ? null : context.Scratch(ScratchSlot.Blocks, checked(plan.BlockLength * plan.Workers));
        GemmJob<TW, TV, TEpilogue> job = new(_problem, plan, panels, blocks, epilogue);
        if (_problem.K == 0) job.Finish();
        else if (plan.Workers == 1) job.Run(0, 1);
        else if (plan.PrivatePanels) context.Team.Run(ref job);
        else RunShared(plan, panels, job);
        // Scratch is reached through raw addresses only.
        GC.KeepAlive(context);
    }

    private void RunShared<TW, TV>(in GemmPlan plan, float* panels, GemmJob<TW, TV, TEpilogue> job)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        for (int column = 0; column < _problem.N; column += plan.ColumnsPerPass)
        {
            for (int depth = 0; depth < _problem.K; depth += plan.DepthPerPass)
            {
                GemmPass pass = new(
                    column, Math.Min(plan.ColumnsPerPass, _problem.N - column), depth, Math.Min(plan.DepthPerPass, _problem.K - depth));
                PackingJob packing = new(_problem, plan, pass, panels);
                context.Team.Run(ref packing);
                job.Shared = pass;
                context.Team.Run(ref job);
            }
        }
    }

    /// <summary>Packs a pass's panels for all, each worker a range of terms.</summary>
    private readonly struct PackingJob(GemmProblem problem, GemmPlan plan, GemmPass pass, float* panels) : ITeamJob
    {
        private readonly GemmProblem _problem = problem;
        private readonly GemmPlan _plan = plan;

        /// <inheritdoc />
        public void Run(int worker, int workers)
        {
            (int first, int end) = Partition.Range(pass.Count, 4, worker, workers);
            pass.Pack(_problem, _plan, panels, first, end);
        }
    }
}
