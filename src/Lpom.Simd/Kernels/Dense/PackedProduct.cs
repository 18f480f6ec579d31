using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>C ← e(A·B) with a <see cref="PackedMatrix"/> B and few rows of A: nothing is packed, and every weight is read once.</summary>
/// <remarks>
/// The same chains of FMA as in <see cref="Gemm"/>: with float32 bit-equal to its product; sums of integers with 8-bit integers, for which A is
/// rounded too (<see cref="PackedInt8Job{TW,TV}"/>). With any precision the same for any number of rows and threads and at every vector width. The epilogue is a pass of its own over the few rows: fused, it would multiply the code
/// by the number of activations. Allocates nothing.
/// </remarks>
internal static unsafe class PackedProduct
{
    /// <summary>C ← e(A·B).</summary>
    /// <param name="context">Width and team.</param>
    /// <param name="a">A: [m × k].</param>
    /// <param name="b">B: [k × n].</param>
    /// <param name="c">C: [m × n]; must not overlap A. Only written.</param>
    /// <param name="epilogue">Applied once to every element of C.</param>
    /// <exception cref="ArgumentException">The shapes do not fit; C is untouched.</exception>
    public static void Multiply<TEpilogue>(KernelContext context, ReadOnlyMatrixView a, PackedMatrix b, MatrixView c, in TEpilogue epilogue)
        where TEpilogue : struct, IGemmEpilogue
    {
        if (a.Cols != b.Terms || c.Rows != a.Rows || c.Cols != b.Columns)
            throw new ArgumentException($"[{a.Rows} × {a.Cols}] times [{b.Terms} × {b.Columns}] is not [{c.Rows} × {c.Cols}].", nameof(c));
        fixed (float* pa = a, pc = c, scales = b.Scales)
        {
            PackedOperands operands = new(pa, a.Stride, a.Rows, b, scales, pc, c.Stride);
            Multiply(context, operands);
            Finish<TEpilogue> finish = new(epilogue, pc, c.Stride, c.Rows, c.Cols);
            SimdLevel.Run(context.Width, ref finish);
        }
        // Its panels are reached through raw addresses only.
        GC.KeepAlive(b);
    }

    // By reference all the way: copies of what has just been written wait for it, which counts for networks of a few hundred nanoseconds.
    private static void Multiply(KernelContext context, in PackedOperands operands)
    {
        switch (operands.B.Precision)
        {
            case WeightPrecision.Int8:
                Int8Driver ofInt8 = new(context, in operands);
                SimdLevel.Run(context.Width, ref ofInt8);
                break;
            case WeightPrecision.BFloat16:
                Driver<BFloat16Format> ofBFloat16 = new(context, in operands);
                SimdLevel.Run(context.Width, ref ofBFloat16);
                break;
            default:
                Driver<Float32Format> ofFloat32 = new(context, in operands);
                SimdLevel.Run(context.Width, ref ofFloat32);
                break;
        }
    }

    // Parts are panels, so that no two workers write to one line of C.
    private static int Panels(in PackedOperands operands) => GemmPlan.Parts(operands.B.Columns, PackedMatrix.PanelColumns);

    private static bool IsSmall(in PackedOperands operands) => (long)operands.Rows * operands.B.Columns * operands.B.Terms < GemmBlocking.TeamThreshold;

    private readonly ref struct Driver<TFormat>(KernelContext context, ref readonly PackedOperands operands) : IKernel
        where TFormat : struct, IWeightFormat
    {
        private readonly ref readonly PackedOperands _operands = ref operands;

        // So many rows one by one take less time than weights that are widened for all.
        private static int RowsOneByOne => typeof(TFormat) == typeof(Float32Format) ? 1 : 6;

        public void Run<TW, TV>()
            where TW : struct, ISimdWidth<TV>
            where TV : struct
        {
            int panels = Panels(_operands);
            if (_operands.Rows <= RowsOneByOne) context.Run(WorkKind.Product, new PackedRowJob<TW, TV, TFormat>(_operands), panels, IsSmall(_operands) ? panels : 2);
            else context.Run(WorkKind.Product, new PackedRowsJob<TW, TV, TFormat>(_operands), panels, IsSmall(_operands) ? panels : 1);
        }
    }

    private readonly ref struct Int8Driver(KernelContext context, ref readonly PackedOperands operands) : IKernel
    {
        // Every part rounds the rows of A for itself.
        private const int GrainPanels = 4;

        private readonly ref readonly PackedOperands _operands = ref operands;

        public void Run<TW, TV>()
            where TW : struct, ISimdWidth<TV>
            where TV : struct
        {
            int panels = Panels(_operands);
            context.Run(WorkKind.Product, new PackedInt8Job<TW, TV>(_operands), panels, IsSmall(_operands) ? panels : GrainPanels);
        }
    }

    private readonly struct Finish<TEpilogue>(TEpilogue epilogue, float* c, nint stride, int rows, int cols) : IKernel
        where TEpilogue : struct, IGemmEpilogue
    {
        private readonly float* _c = c;

        public void Run<TW, TV>()
            where TW : struct, ISimdWidth<TV>
            where TV : struct => Epilogue.Apply<TW, TV, TEpilogue>(epilogue, _c, stride, rows, cols, firstColumn: 0);
    }
}
