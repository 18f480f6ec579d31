using Lpom.Simd.Tests.Reference;

namespace Lpom.Simd.Tests.Training.Paper;

/// <summary>The objectives of the stages in double precision, by the definitions, and the claim that a stage does not raise its own.</summary>
internal static class Descent
{
    /// <summary>1ᵀP(X, Z)1, P less its minimum: eq. (2).</summary>
    public static double Penalty(ReferenceActivation activation, double[,] x, double[,] z)
    {
        double minimum = activation.F(activation.Phi(0));
        // A float32 activation may round past the end of its range.
        return Sum(x, z, (a, b) => activation.F(Math.Clamp(a, activation.Lower, activation.Upper)) + activation.FStar(b) - (a * b) - minimum);
    }

    public static double LeastSquares(double[,] x, double[,] targets) => Sum(x, targets, (a, t) => (a - t) * (a - t) / 2);

    public static double CrossEntropy(double[,] x, double[,] targets)
    {
        double sum = 0;
        for (int r = 0; r < x.GetLength(0); r++)
        {
            double[] row = [.. Enumerable.Range(0, x.GetLength(1)).Select(c => x[r, c])];
            double logSum = row.Max() + Math.Log(row.Sum(v => Math.Exp(v - row.Max())));
            for (int c = 0; c < row.Length; c++) sum += targets[r, c] * (logSum - row[c]);
        }
        return sum;
    }

    /// <summary>Asserts that an objective has not risen, to the rounding of float32 stages.</summary>
    public static void AssertNotRaised(double before, double after, string what) =>
        Assert.True(after <= before + (1e-4 * (1 + Math.Abs(before))), $"{what}: {before} rose to {after}.");

    private static double Sum(double[,] a, double[,] b, Func<double, double, double> f)
    {
        double sum = 0;
        for (int r = 0; r < a.GetLength(0); r++)
        {
            for (int c = 0; c < a.GetLength(1); c++) sum += f(a[r, c], b[r, c]);
        }
        return sum;
    }
}
