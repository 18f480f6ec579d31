using Lpom.Simd.Kernels.Profile;
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
        if (_problem.M == 1 && _problem.K > 0)
        {
            RunRow<TW, TV>();
            return;
        }
        GemmPlan plan = new(_problem, GemmBlocking.For<TW, TV>(), context.Team.Size);
        float* panels = context.Scratch(ScratchSlot.Panels, checked(plan.PanelLength * (plan.SplitColumns ? plan.Workers : 1)));
        float* blocks = plan.BlockLength == 0 ? null
            : context.Scratch(ScratchSlot.Blocks, checked(plan.BlockLength * plan.BlockCount));
        GemmJob<TW, TV, TEpilogue> job = new(_problem, plan, panels, blocks, epilogue, context.Profile);
        if (_problem.K == 0) job.Finish();
        else if (plan.SplitColumns) SplitColumns(plan, blocks, job);
        else SplitRows(plan, panels, job);
        // Scratch is reached through raw addresses only.
        GC.KeepAlive(context);
    }

    private void RunRow<TW, TV>()
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        bool serial = _problem.Work < GemmBlocking.RowTeamThreshold;
        if (_problem.TransposedB)
        {
            GemvTransposedJob<TW, TV, TEpilogue> job = new(_problem, epilogue);
            context.Run(WorkKind.Product, job, _problem.N, serial ? _problem.N : GemmBlocking.TransposedRowGrain);
        }
        else
        {
            GemvJob<TW, TV, TEpilogue> job = new(_problem, epilogue);
            context.Run(WorkKind.Product, job, _problem.N, serial ? _problem.N : GemmBlocking.RowGrain);
        }
    }

    private void SplitColumns<TW, TV>(in GemmPlan plan, float* tiles, GemmJob<TW, TV, TEpilogue> job)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        for (int depth = 0; depth < _problem.K; depth += plan.DepthPerPass)
        {
            job.Pass = new GemmPass(0, _problem.N, depth, Math.Min(plan.DepthPerPass, _problem.K - depth));
            if (plan.OwnTiles) ForgetOwnTiles(plan, tiles);
            else if (plan.PacksA) Dispatch(plan, new TilePackingJob(_problem, plan, job.Pass, tiles, context.Profile), GemmPlan.Parts(job.Pass.Count, GemmBlocking.KC), 1);
            Dispatch(plan, job, _problem.N, GemmBlocking.GrainPanels * plan.Blocking.NR);
        }
    }

    private static void ForgetOwnTiles(in GemmPlan plan, float* blocks)
    {
        for (int worker = 0; worker < plan.Workers; worker++) *(int*)(blocks + ((nint)worker * plan.BlockLength)) = 0;
    }

    private void SplitRows<TW, TV>(in GemmPlan plan, float* panels, GemmJob<TW, TV, TEpilogue> job)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        for (int column = 0; column < _problem.N; column += plan.ColumnsPerPass)
        {
            int columns = Math.Min(plan.ColumnsPerPass, _problem.N - column);
            for (int depth = 0; depth < _problem.K; depth += plan.DepthPerPass)
            {
                job.Pass = new GemmPass(column, columns, depth, Math.Min(plan.DepthPerPass, _problem.K - depth));
                if (!plan.InPlaceB) Dispatch(plan, new PanelPackingJob(_problem, plan, job.Pass, panels, context.Profile), job.Pass.Count, GemmBlocking.GrainTerms);
                Dispatch(plan, job, _problem.M, GemmBlocking.GrainTiles * plan.Blocking.MR);
            }
        }
    }

    private void Dispatch<TJob>(in GemmPlan plan, in TJob job, int total, int grain)
        where TJob : struct, ITeamJob => context.Run(WorkKind.Product, job, total, plan.Workers == 1 ? total : grain);

    /// <summary>Packs a range of a pass's terms of B for all.</summary>
    private readonly struct PanelPackingJob(GemmProblem problem, GemmPlan plan, GemmPass pass, float* panels, WorkProfile? profile) : ITeamJob
    {
        private readonly GemmProblem _problem = problem;
        private readonly GemmPlan _plan = plan;

        /// <inheritdoc />
        public void Run(int worker, int first, int end) => pass.PackPanels(_problem, _plan, panels, first, end, profile, worker);
    }

    /// <summary>Packs a range of a pass's blocks of terms of A for all.</summary>
    private readonly struct TilePackingJob(GemmProblem problem, GemmPlan plan, GemmPass pass, float* tiles, WorkProfile? profile) : ITeamJob
    {
        private readonly GemmProblem _problem = problem;
        private readonly GemmPlan _plan = plan;

        /// <inheritdoc />
        public void Run(int worker, int first, int end)
        {
            for (int block = first; block < end; block++)
            {
                int term = block * GemmBlocking.KC;
                pass.Part(term).PackTiles(_problem, _plan, 0, _problem.M, tiles + ((nint)term * _problem.M), profile, worker);
            }
        }
    }
}
