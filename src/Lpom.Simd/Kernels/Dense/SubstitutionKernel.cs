using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>Solves a diagonal block for many right-hand sides, split among the team.</summary>
internal readonly unsafe struct SubstitutionKernel : IKernel
{
    /// <summary>Floats of scratch per worker when right-hand sides are rows of B: a group of them, transposed.</summary>
    public const int ScratchLength = TriangularSolve.BlockSize * ScratchStride;

    // Right-hand sides are transposed in groups of eight AVX-512 vectors; the stride avoids multiples of a page.
    private const int Group = 128;
    private const int Grain = Group / 2;
    private const int ScratchStride = Group + 16;

    private readonly KernelContext _context;
    private readonly float* _t;
    private readonly nint _rowStep;
    private readonly nint _colStep;
    private readonly int _size;
    private readonly bool _backward;
    private readonly float* _b;
    private readonly nint _strideB;
    private readonly int _count;
    private readonly float* _scratch;

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
        _context = context;
        _size = size;
        _b = b;
        _strideB = strideB;
        _count = count;
        _scratch = scratch;
        _backward = transposed;
        // An upper triangular T, read from its last element backwards, is lower triangular.
        _t = _backward ? l + ((size - 1) * (strideL + 1)) : l;
        _rowStep = _backward ? -1 : strideL;
        _colStep = _backward ? -strideL : 1;
    }

    /// <inheritdoc />
    public void Run<TW, TV>()
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        Job<TW, TV> job = new(this);
        bool alone = (long)_size * _size * _count / 2 < GemmBlocking.TeamThreshold;
        _context.Run(WorkKind.Substitution, job, _count, alone ? _count : Grain);
        // Scratch is reached through raw addresses only.
        GC.KeepAlive(_context);
    }

    private void Solve<TW, TV>(float* columns, nint stride, int width)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        if (_backward) Substitution.Solve<TW, TV>(_t, _rowStep, _colStep, _size, columns + ((_size - 1) * stride), -stride, width);
        else Substitution.Solve<TW, TV>(_t, _rowStep, _colStep, _size, columns, stride, width);
    }

    private readonly struct Job<TW, TV>(SubstitutionKernel kernel) : ITeamJob
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        private readonly SubstitutionKernel _kernel = kernel;

        /// <inheritdoc />
        public void Run(int worker, int first, int end)
        {
            if (_kernel._scratch == null)
            {
                _kernel.Solve<TW, TV>(_kernel._b + first, _kernel._strideB, end - first);
                return;
            }
            float* group = _kernel._scratch + ((nint)worker * ScratchLength);
            for (int row = first; row < end; row += Group)
            {
                int rows = Math.Min(Group, end - row);
                float* b = _kernel._b + (row * _kernel._strideB);
                Transposition.Copy(b, _kernel._strideB, rows, _kernel._size, group, ScratchStride);
                _kernel.Solve<TW, TV>(group, ScratchStride, rows);
                Transposition.Copy(group, ScratchStride, _kernel._size, rows, b, _kernel._strideB);
            }
        }
    }
}
