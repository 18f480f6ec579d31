namespace Lpom.Simd.Tests.Reference;

/// <summary>∫ of a function in double by the tanh-sinh rule, which bears singular derivatives and integrable poles at the ends.</summary>
internal static class Integral
{
    private const double Step = 1.0 / 16;
    private const int Nodes = 64;

    /// <summary>The integral from 0 to <paramref name="end"/>, cut at the kinks between them.</summary>
    public static double FromZero(Func<double, double> f, double end, params double[] kinks)
    {
        double sign = end < 0 ? -1 : 1;
        double[] cuts = [0, .. kinks.Where(k => k * sign > 0 && Math.Abs(k) < Math.Abs(end)).OrderBy(Math.Abs), end];
        return cuts.Zip(cuts.Skip(1), (a, b) => Smooth(f, a, b)).Sum();
    }

    private static double Smooth(Func<double, double> f, double a, double b)
    {
        double sum = 0;
        double half = 0.5 * (b - a), middle = 0.5 * (a + b);
        for (int k = -Nodes; k <= Nodes; k++)
        {
            double t = k * Step;
            double inner = 0.5 * Math.PI * Math.Sinh(t);
            double weight = 0.5 * Math.PI * Math.Cosh(t) / Math.Pow(Math.Cosh(inner), 2);
            double value = f(middle + (half * Math.Tanh(inner)));
            // At the last nodes the abscissa may round to a pole of f; the weight there is below the rounding of the sum.
            if (double.IsFinite(value)) sum += weight * value;
        }
        return sum * half * Step;
    }
}
