using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Tests.Kernels.Dense;

/// <summary>Slow transcriptions of the dense kernels' definitions, and the random matrices that they are compared on.</summary>
internal static class DenseReference
{
    /// <summary>Numbers of small magnitude, reproducible from (seed, row, col).</summary>
    public static Func<int, int, float> Noise(int seed) => (row, col) =>
    {
        uint x = unchecked(((uint)seed * 2654435761u) ^ ((uint)row * 2246822519u) ^ ((uint)col * 3266489917u));
        x ^= x >> 15;
        x = unchecked(x * 2246822519u);
        x ^= x >> 13;
        x = unchecked(x * 3266489917u);
        x ^= x >> 16;
        return (float)((x / 2147483648.0) - 1);
    };

    public static double[,] ToDouble(ReadOnlyMatrixView view)
    {
        double[,] result = new double[view.Rows, view.Cols];
        for (int row = 0; row < view.Rows; row++)
        {
            for (int col = 0; col < view.Cols; col++) result[row, col] = view[row, col];
        }
        return result;
    }

    public static double[,] Transpose(double[,] a)
    {
        double[,] result = new double[a.GetLength(1), a.GetLength(0)];
        for (int row = 0; row < a.GetLength(0); row++)
        {
            for (int col = 0; col < a.GetLength(1); col++) result[col, row] = a[row, col];
        }
        return result;
    }

    public static double[,] Multiply(double[,] a, double[,] b)
    {
        double[,] c = new double[a.GetLength(0), b.GetLength(1)];
        for (int i = 0; i < c.GetLength(0); i++)
        {
            for (int p = 0; p < a.GetLength(1); p++)
            {
                for (int j = 0; j < c.GetLength(1); j++) c[i, j] += a[i, p] * b[p, j];
            }
        }
        return c;
    }

    public static double[,] LowerPart(ReadOnlyMatrixView a)
    {
        double[,] l = ToDouble(a);
        for (int row = 0; row < a.Rows; row++)
        {
            for (int col = row + 1; col < a.Cols; col++) l[row, col] = 0;
        }
        return l;
    }

    /// <summary>The operands of a product with the shapes [m × k]·[k × n] in a form, undone to plain A and B.</summary>
    public static (double[,] A, double[,] B) Plain(GemmForm form, ReadOnlyMatrixView a, ReadOnlyMatrixView b) => (
        form == GemmForm.TN ? Transpose(ToDouble(a)) : ToDouble(a),
        form == GemmForm.NT ? Transpose(ToDouble(b)) : ToDouble(b));

    public static void AssertClose(double[,] expected, ReadOnlyMatrixView actual, double tolerance, string what)
    {
        for (int row = 0; row < actual.Rows; row++)
        {
            for (int col = 0; col < actual.Cols; col++)
            {
                double difference = Math.Abs(expected[row, col] - actual[row, col]);
                Assert.True(
                    difference <= tolerance || expected[row, col].Equals(actual[row, col]),
                    $"{what}: [{row}, {col}] is {actual[row, col]:R}, not {expected[row, col]:R}");
            }
        }
    }

    public static void AssertSameBits(ReadOnlyMatrixView expected, ReadOnlyMatrixView actual, string what)
    {
        for (int row = 0; row < expected.Rows; row++)
        {
            for (int col = 0; col < expected.Cols; col++)
            {
                Assert.True(
                    BitConverter.SingleToInt32Bits(expected[row, col]) == BitConverter.SingleToInt32Bits(actual[row, col]),
                    $"{what}: [{row}, {col}] is {actual[row, col]:R}, not {expected[row, col]:R}");
            }
        }
    }
}
