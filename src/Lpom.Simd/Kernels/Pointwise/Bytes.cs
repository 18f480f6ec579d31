using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>Bytes, such as grey pixels, as the floats that kernels take.</summary>
internal static unsafe class Bytes
{
    /// <summary>result = x: exact, and the same at every width.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Widen(SimdWidth width, ReadOnlySpan<byte> x, Span<float> result)
    {
        if (x.Length != result.Length) throw new ArgumentException($"{x.Length} bytes are not {result.Length} floats.", nameof(result));
        fixed (byte* from = x)
        fixed (float* to = result)
        {
            Widening kernel = new(from, to, x.Length);
            SimdLevel.Run(width, ref kernel);
        }
    }

    private readonly struct Widening(byte* x, float* result, int length) : IKernel
    {
        private readonly byte* _x = x;
        private readonly float* _result = result;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TW, TV>()
            where TW : struct, ISimdWidth<TV>
            where TV : struct
        {
            int i = 0;
            for (; i + TW.Lanes <= length; i += TW.Lanes) TW.Store(TW.LoadByte(_x + i), _result + i);
            for (; i < length; i++) _result[i] = _x[i];
        }
    }
}
