using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>C ← op(A·Bᵀ + b), the bias b added to every row: a whole layer in one product.</summary>
internal readonly unsafe struct BiasEpilogue<TOp> : IGemmEpilogue
    where TOp : struct, IUnaryOperator
{
    private readonly TOp _op;
    private readonly float* _bias;

    private BiasEpilogue(TOp op, float* bias)
    {
        _op = op;
        _bias = bias;
    }

    /// <summary>C ← op(A·Bᵀ + b): A [m × k], B [n × k], C [m × n], b [n].</summary>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static void Multiply(KernelContext context, ReadOnlyMatrixView a, ReadOnlyMatrixView b, MatrixView c, TOp op, ReadOnlySpan<float> bias)
    {
        if (bias.Length != c.Cols) throw new ArgumentException($"A bias of {bias.Length} does not fit {c.Cols} columns.", nameof(bias));
        fixed (float* pointer = bias) Gemm.Multiply(context, GemmForm.NT, a, b, c, new BiasEpilogue<TOp>(op, pointer));
    }

    /// <summary>C ← op(A·B + b), B packed: A [m × k], B [k × n], C [m × n], b [n].</summary>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public static void Multiply(KernelContext context, ReadOnlyMatrixView a, PackedMatrix b, MatrixView c, TOp op, ReadOnlySpan<float> bias)
    {
        if (bias.Length != c.Cols) throw new ArgumentException($"A bias of {bias.Length} does not fit {c.Cols} columns.", nameof(bias));
        fixed (float* pointer = bias) PackedProduct.Multiply(context, a, b, c, new BiasEpilogue<TOp>(op, pointer));
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV value, int column)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => _op.Apply<TW, TV>(TW.Add(value, TW.Load(_bias + column)));
}
