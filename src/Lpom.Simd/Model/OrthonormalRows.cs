using System.Numerics.Tensors;
using Lpom.Simd.Kernels.Random;

namespace Lpom.Simd.Model;

/// <summary>Random orthonormal vectors: modified Gram–Schmidt on normally distributed ones, in double.</summary>
internal static class OrthonormalRows
{
    /// <summary>So many orthonormal vectors.</summary>
    /// <param name="count">From 1 to <paramref name="length"/>.</param>
    /// <param name="length">Their length.</param>
    /// <param name="random">Where they come from.</param>
    public static double[][] Draw(int count, int length, ref Rng random)
    {
        double[][] rows = new double[count][];
        for (int i = 0; i < count; i++)
        {
            double[] row = new double[length];
            foreach (ref double value in row.AsSpan()) value = random.NextGaussian();
            for (int earlier = 0; earlier < i; earlier++)
                TensorPrimitives.MultiplyAdd(rows[earlier], -Dot(rows[earlier], row), row, row);
            TensorPrimitives.Divide(row, Math.Sqrt(Dot(row, row)), row);
            rows[i] = row;
        }
        return rows;
    }

    // A sum in an order that no machine's vector width changes.
    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        int i = 0;
        for (; i + 4 <= a.Length && i + 4 <= b.Length; i += 4)
        {
            s0 += a[i] * b[i];
            s1 += a[i + 1] * b[i + 1];
            s2 += a[i + 2] * b[i + 2];
            s3 += a[i + 3] * b[i + 3];
        }
        for (; i < a.Length; i++) s0 += a[i] * b[i];
        return s0 + s1 + (s2 + s3);
    }
}
