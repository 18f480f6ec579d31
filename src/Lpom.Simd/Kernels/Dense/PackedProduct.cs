using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>C ← e(A·B) with a <see cref="PackedMatrix"/> B and few rows of A: nothing is packed, and every weight is read once.</summary>
/// <remarks>
/// The same chains of FMA as in <see cref="Gemm"/>: with float32 bit-equal to its product, and with any precision the same for any number
/// of rows and threads and at every vector width. Allocates nothing.
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
            var operands = new PackedOperands(pa, a.Stride, a.Rows, b, pc, c.Stride);
            switch (b.Precision)
            {
                case WeightPrecision.Int8: Run<Int8Format, ScaleEpilogue<TEpilogue>>(context, operands, new(scales, epilogue)); break;
                case WeightPrecision.BFloat16: Run<BFloat16Format, TEpilogue>(context, operands, epilogue); break;
                default: Run<Float32Format, TEpilogue>(context, operands, epilogue); break;
            }
        }
        // Its panels are reached through raw addresses only.
        GC.KeepAlive(b);
    }

    private static void Run<TFormat, TEpilogue>(KernelContext context, PackedOperands operands, in TEpilogue epilogue)
        where TFormat : struct, IWeightFormat
        where TEpilogue : struct, IGemmEpilogue
    {
        Driver<TFormat, TEpilogue> driver = new(context, operands, epilogue);
        SimdLevel.Run(context.Width, ref driver);
    }

    private readonly struct Driver<TFormat, TEpilogue>(KernelContext context, PackedOperands operands, TEpilogue epilogue) : IKernel
        where TFormat : struct, IWeightFormat
        where TEpilogue : struct, IGemmEpilogue
    {
        public void Run<TW, TV>()
            where TW : struct, ISimdWidth<TV>
            where TV : struct
        {
            // Parts are panels, so that no two workers write to one line of C.
            int panels = GemmPlan.Parts(operands.B.Columns, PackedMatrix.PanelColumns);
            bool serial = (long)operands.Rows * operands.B.Columns * operands.B.Terms < GemmBlocking.TeamThreshold;
            if (operands.Rows == 1) context.Run(WorkKind.Product, new PackedRowJob<TW, TV, TFormat, TEpilogue>(operands, epilogue), panels, serial ? panels : 2);
            else context.Run(WorkKind.Product, new PackedRowsJob<TW, TV, TFormat, TEpilogue>(operands, epilogue), panels, serial ? panels : 1);
        }
    }

    /// <summary>Integers' sums times their column's scale, then the rest.</summary>
    private readonly struct ScaleEpilogue<TEpilogue>(float* scales, TEpilogue next) : IGemmEpilogue
        where TEpilogue : struct, IGemmEpilogue
    {
        private readonly float* _scales = scales;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TV Apply<TW, TV>(TV value, int column)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => next.Apply<TW, TV>(TW.Multiply(value, TW.Load(_scales + column)), column);
    }
}
