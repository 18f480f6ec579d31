namespace Lpom.Simd.Tests.Reference;

/// <summary>Slow double-precision linear algebra, written from the definitions.</summary>
internal static class ReferenceMatrix
{
    public static double[,] Multiply(double[,] a, double[,] b)
    {
        var c = new double[a.GetLength(0), b.GetLength(1)];
        for (int i = 0; i < c.GetLength(0); i++)
        {
            for (int j = 0; j < c.GetLength(1); j++)
            {
                for (int k = 0; k < a.GetLength(1); k++) c[i, j] += a[i, k] * b[k, j];
            }
        }
        return c;
    }

    public static double[,] Transpose(double[,] a) => Build(a.GetLength(1), a.GetLength(0), (i, j) => a[j, i]);

    public static double[,] Build(int rows, int cols, Func<int, int, double> element)
    {
        var result = new double[rows, cols];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < cols; j++) result[i, j] = element(i, j);
        }
        return result;
    }

    public static double[,] Map(double[,] a, Func<double, double> f) => Build(a.GetLength(0), a.GetLength(1), (i, j) => f(a[i, j]));

    /// <summary>Solves A·X = B by Gaussian elimination with partial pivoting.</summary>
    public static double[,] Solve(double[,] a, double[,] b)
    {
        int n = a.GetLength(0);
        int m = b.GetLength(1);
        double[,] left = (double[,])a.Clone();
        double[,] right = (double[,])b.Clone();
        for (int col = 0; col < n; col++)
        {
            int pivot = Enumerable.Range(col, n - col).MaxBy(r => Math.Abs(left[r, col]));
            for (int j = 0; j < n; j++) (left[col, j], left[pivot, j]) = (left[pivot, j], left[col, j]);
            for (int j = 0; j < m; j++) (right[col, j], right[pivot, j]) = (right[pivot, j], right[col, j]);
            for (int row = 0; row < n; row++)
            {
                if (row == col) continue;
                double factor = left[row, col] / left[col, col];
                for (int j = 0; j < n; j++) left[row, j] -= factor * left[col, j];
                for (int j = 0; j < m; j++) right[row, j] -= factor * right[col, j];
            }
        }
        return Build(n, m, (i, j) => right[i, j] / left[i, i]);
    }

    /// <summary>‖A‖₂², by many power iterations from a fixed vector.</summary>
    public static double SquaredNorm(double[,] a)
    {
        double[,] vector = Build(a.GetLength(1), 1, (i, _) => 1 + (i * 0.618 % 1));
        double norm = 0;
        for (int i = 0; i < 500; i++)
        {
            vector = Multiply(Transpose(a), Multiply(a, vector));
            norm = Math.Sqrt(vector.Cast<double>().Sum(v => v * v));
            if (norm == 0) return 0;
            vector = Map(vector, v => v / norm);
        }
        return norm;
    }
}
