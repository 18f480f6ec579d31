using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>The shape check of elementwise kernels.</summary>
internal static class ElementwiseShape
{
    public static void Check(ReadOnlyMatrixView a, ReadOnlyMatrixView b, string name)
    {
        if (a.Rows != b.Rows || a.Cols != b.Cols)
            throw new ArgumentException($"The shapes differ: [{a.Rows} × {a.Cols}] and [{b.Rows} × {b.Cols}].", name);
    }
}
