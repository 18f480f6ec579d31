using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>Solves a diagonal block for many right-hand sides, split among the team.</summary>
internal readonly unsafe struct SubstitutionKernel : IKernel
{
    /// <summary>Floats of scratch per worker when right-hand sides are rows of B: a group of them, transposed.</summary>
    public const int ScratchLength = TriangularSolve.BlockSize * ScratchStride;

    // Right-hand sides are split and transposed in groups of eight AVX-512 vectors; the stride avoids multiples of a page.
    private const int Group = 128;
    private const int ScratchStride = Group + 16;

    private readonly KernelContext context;
    private readonly float* t;
    private readonly nint rowStep;
    private readonly nint colStep;
    private readonly int size;
    private readonly bool backward;
    private readonly float* b;
    private readonly nint strideB;
    private readonly int count;
    private readonly float* scratch;

    /// <summary>T·Y = B with T = L, or Lᵀ when <paramref name="transposed"/>.</summary>
    /// <param name="context">Width and team.</param>
    /// <param name="l">L: [size × size].</param>
    /// <param name="strideL">Floats between L's rows.</param>
    /// <param name="size">L's order, at most <see cref="TriangularSolve.BlockSize"/>.</param>
    /// <param name="transposed">Whether T = Lᵀ.</param>
    /// <param name="b">B: [size × count], or [count × size] with <paramref name="scratch"/>.</param>
    /// <param name="strideB">Floats between B's rows.</param>
    /// <param name="count">Right-hand sides.</param>
    /// <param name="scratch">Null, or <see cref="ScratchLength"/> floats per worker: right-hand sides are rows of B.</param>
    public SubstitutionKernel(
        KernelContext context, float* l, nint strideL, int size, bool transposed, float* b, nint strideB, int count, float* scratch)
    {
        this.context = context;
        this.size = size;
        this.b = b;
        this.strideB = strideB;
        this.count = count;
        this.scratch = scratch;
        backward = transposed;
        // An upper triangular T, read from its last element backwards, is lower triangular.
        t = backward ? l + ((size - 1) * (strideL + 1)) : l;
        rowStep = backward ? -1 : strideL;
        colStep = backward ? -strideL : 1;
    }

    /// <inheritdoc />
    public void Run<TW, TV>()
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        Job<TW, TV> job = new(this);
        if ((long)size * size * count / 2 < GemmBlocking.TeamThreshold) job.Run(0, 1);
        else context.Team.Run(ref job);
    }

    private void Solve<TW, TV>(float* columns, nint stride, int width)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        if (backward) Substitution.Solve<TW, TV>(t, rowStep, colStep, size, columns + ((size - 1) * stride), -stride, width);
        else Substitution.Solve<TW, TV>(t, rowStep, colStep, size, columns, stride, width);
    }

    private readonly struct Job<TW, TV>(SubstitutionKernel kernel) : ITeamJob
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        private readonly SubstitutionKernel kernel = kernel;

        /// <inheritdoc />
        public void Run(int worker, int workers)
        {
            (int first, int end) = Partition.Range(kernel.count, Group / 4, worker, workers);
            if (kernel.scratch == null)
            {
                kernel.Solve<TW, TV>(kernel.b + first, kernel.strideB, end - first);
                return;
            }
            float* group = kernel.scratch + ((nint)worker * ScratchLength);
            for (int row = first; row < end; row += Group)
            {
                int rows = Math.Min(Group, end - row);
                float* b = kernel.b + (row * kernel.strideB);
                Transposition.Copy(b, kernel.strideB, rows, kernel.size, group, ScratchStride);
                kernel.Solve<TW, TV>(group, ScratchStride, rows);
                Transposition.Copy(group, ScratchStride, kernel.size, rows, b, kernel.strideB);
            }
        }
    }
}
