using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>A product with a packed B as its jobs see it: A and C by address, pinned by the caller.</summary>
internal readonly unsafe struct PackedOperands(float* a, nint strideA, int rows, PackedMatrix b, float* scales, float* c, nint strideC)
{
    /// <summary>A: [Rows × k].</summary>
    public float* A { get; } = a;

    /// <summary>Floats between A's rows.</summary>
    public nint StrideA { get; } = strideA;

    /// <summary>Rows of A and C.</summary>
    public int Rows { get; } = rows;

    /// <summary>B: [k × n].</summary>
    public PackedMatrix B { get; } = b;

    /// <summary>The scale [n] of each of B's columns; null for none.</summary>
    public float* Scales { get; } = scales;

    /// <summary>C: [Rows × n].</summary>
    public float* C { get; } = c;

    /// <summary>Floats between C's rows.</summary>
    public nint StrideC { get; } = strideC;

    /// <summary>C's columns from one to another times their scales, where there are any.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Scale<TW, TV>(int column, int end)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        if (Scales == null) return;
        for (int row = 0; row < Rows; row++)
        {
            float* values = C + (row * StrideC);
            int col = column;
            for (; col + TW.Lanes <= end; col += TW.Lanes) TW.Store(TW.Multiply(TW.Load(values + col), TW.Load(Scales + col)), values + col);
            for (; col < end; col++) values[col] *= Scales[col];
        }
    }
}
