using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Proximal;

/// <summary>What each activation claims of itself, against a double-precision reference.</summary>
public sealed class ProximalActivationTests
{
    // The stated error of φ, absolute up to 1 and relative above.
    private const double PhiError = 3e-7;

    public static TheoryData<string> Names => ActivationCase.Names;

    [Theory, MemberData(nameof(Names))]
    public void Phi_has_its_name_range_and_accuracy(string name)
    {
        ActivationCase c = ActivationCase.Of(name);
        float[] z = [.. Floats.Grid(-40, 40, 20_001), .. Floats.EveryExponent(-1e30f, 1e30f)];
        float[] phi = c.Phi(SimdWidth.Scalar, z);
        Assert.Equal(name, c.Activation.Name);
        for (int i = 0; i < z.Length; i++)
        {
            double expected = c.Reference.Phi(z[i]);
            double error = Math.Abs(phi[i] - expected);
            bool inRange = phi[i] >= c.Activation.Lower && phi[i] <= c.Activation.Upper;
            if (!inRange || error > PhiError * Math.Max(1, Math.Abs(expected))) Assert.Fail($"φ({z[i]:R}) = {phi[i]:R}, not {expected:R}");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void All_widths_give_the_same_bits(string name)
    {
        ActivationCase c = ActivationCase.Of(name);
        float[] z = [.. Floats.Special, .. Floats.Grid(-20, 20, 999), .. Floats.EveryExponent(-1e30f, 1e30f)];
        foreach (SimdWidth width in Widths.List)
        {
            Bits.AssertSame(c.Phi(SimdWidth.Scalar, z), c.Phi(width, z), $"φ at {width}");
            Bits.AssertSame(c.F(SimdWidth.Scalar, z), c.F(width, z), $"F at {width}");
            Bits.AssertSame(c.FStar(SimdWidth.Scalar, z), c.FStar(width, z), $"F* at {width}");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Phi_minimises_the_proximal_objective(string name)
    {
        ActivationCase c = ActivationCase.Of(name);
        Properties.Hold(Arbitraries.Pair(12f), pair =>
        {
            (float z, float x) = (pair.A, c.InDomain(pair.B));
            double best = ProximalObjective(c, c.Phi(z), z), other = ProximalObjective(c, x, z);
            Assert.True(best <= other + (2e-6 * (1 + Math.Abs(z))), $"z = {z}: {best} at φ(z) = {c.Phi(z)}, but {other} at {x}");
        });
    }

    [Theory, MemberData(nameof(Names))]
    public void Phi_is_monotone_and_Lipschitz(string name)
    {
        ActivationCase c = ActivationCase.Of(name);
        Properties.Hold(Arbitraries.Pair(12f), pair =>
        {
            (float a, float b) = (Math.Min(pair.A, pair.B), Math.Max(pair.A, pair.B));
            double rise = (double)c.Phi(b) - c.Phi(a);
            double error = 2 * PhiError * Math.Max(1, Math.Max(Math.Abs(c.Phi(a)), Math.Abs(c.Phi(b))));
            Assert.InRange(rise, -error, (c.Activation.Lipschitz * ((double)b - a)) + error);
        });
    }

    [Theory, MemberData(nameof(Names))]
    public void The_Lipschitz_constant_is_the_least(string name)
    {
        ActivationCase c = ActivationCase.Of(name);
        double steepest = Floats.Grid(-9, 9, 3601).Max(z => (c.Reference.Phi(z + 1e-4) - c.Reference.Phi(z - 1e-4)) / 2e-4);
        Assert.Equal(steepest, c.Activation.Lipschitz, 3e-4);
    }

    [Theory, MemberData(nameof(Names))]
    public void The_derivative_is_the_slope_of_phi_away_from_the_kinks(string name)
    {
        ActivationCase c = ActivationCase.Of(name);
        float[] z = [.. Floats.Grid(-12, 12, 2_403)];
        const double h = 1e-4;
        foreach (SimdWidth width in Widths.List)
        {
            float[] derivative = c.Derivative(width, z);
            for (int i = 0; i < z.Length; i++)
            {
                if (c.Reference.Kinks.Append(0).Any(k => Math.Abs(z[i] - k) < 2 * h)) continue;
                double slope = (c.Reference.Phi(z[i] + h) - c.Reference.Phi(z[i] - h)) / (2 * h);
                Assert.True(Math.Abs(derivative[i] - slope) < 1e-5, $"φ'({z[i]:R}) = {derivative[i]:R} at {width}, not {slope:R}");
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void F_is_the_integral_of_the_inverse(string name)
    {
        ActivationCase c = ActivationCase.Of(name);
        float low = Math.Max(c.Activation.Lower, -20f), high = Math.Min(c.Activation.Upper, 20f);
        float[] x = [.. Floats.Grid(low, high, 301), .. Floats.EveryExponent(low, high).Where((_, i) => i % 37 == 0)];
        AssertClose(c.Reference.F, x, c.F(SimdWidth.Scalar, x), "F");
    }

    [Theory, MemberData(nameof(Names))]
    public void FStar_is_the_integral_of_phi(string name)
    {
        ActivationCase c = ActivationCase.Of(name);
        float[] z = [.. Floats.Grid(-20, 20, 401), .. Floats.EveryExponent(-20, 20).Where((_, i) => i % 37 == 0)];
        AssertClose(c.Reference.FStar, z, c.FStar(SimdWidth.Scalar, z), "F*");
    }

    [Theory, MemberData(nameof(Names))]
    public void F_is_infinite_outside_the_closed_domain(string name)
    {
        ActivationCase c = ActivationCase.Of(name);
        foreach ((float end, float outside) in new[]
        {
            (c.Activation.Lower, MathF.BitDecrement(c.Activation.Lower)), (c.Activation.Upper, MathF.BitIncrement(c.Activation.Upper)),
        })
        {
            if (!float.IsFinite(end)) continue;
            Assert.True(float.IsFinite(c.F(end)), $"F({end}) = {c.F(end)}");
            Assert.Equal(float.PositiveInfinity, c.F(outside));
        }
        Assert.Equal(float.PositiveInfinity, c.F(c.Activation.Upper < 5 ? 5f : float.PositiveInfinity));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_NaN_stays_a_NaN(string name)
    {
        ActivationCase c = ActivationCase.Of(name);
        foreach (SimdWidth width in Widths.List)
        {
            float[] nan = [.. Enumerable.Repeat(float.NaN, 33)];
            Assert.All(c.Phi(width, nan), x => Assert.True(float.IsNaN(x)));
            Assert.All(c.F(width, nan), x => Assert.True(float.IsNaN(x)));
            Assert.All(c.FStar(width, nan), x => Assert.True(float.IsNaN(x)));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Phi_of_infinity_is_the_end_of_the_range(string name)
    {
        ActivationCase c = ActivationCase.Of(name);
        Assert.Equal(c.Activation.Upper, c.Phi(float.PositiveInfinity));
        Assert.Equal(c.Activation.Lower, c.Phi(float.NegativeInfinity));
    }

    [Theory, MemberData(nameof(Names))]
    public void The_penalty_vanishes_at_phi_and_grows_away_from_it(string name)
    {
        ActivationCase c = ActivationCase.Of(name);
        Properties.Hold(Arbitraries.Pair(12f), pair =>
        {
            (float z, float x) = (pair.A, c.InDomain(pair.B));
            float phi = c.Phi(z);
            double rounding = 1e-6 * (1 + Math.Abs((double)phi * z) + (0.1 * z * z));
            Assert.InRange(c.Penalty(phi, z), -rounding, rounding);
            // F is 1/β-strongly convex, so the penalty grows at least like a parabola.
            rounding += 1e-6 * (Math.Abs((double)x * z) + ((double)x * x));
            double distance = (double)x - phi;
            double bound = distance * distance / (2 * c.Activation.Lipschitz);
            double scaled = c.Reference.F(x) * 1e-6;
            Assert.True(c.Penalty(x, z) >= bound - rounding - scaled, $"P({x}, {z}) = {c.Penalty(x, z)} < {bound}");
        });
    }

    [Theory, MemberData(nameof(Names))]
    public void The_penalty_minimum_is_F_at_phi_of_zero(string name)
    {
        ActivationCase c = ActivationCase.Of(name);
        Assert.Equal(c.Reference.F(c.Reference.Phi(0)), c.Activation.PenaltyMinimum, 1e-7);
    }

    private static double ProximalObjective(ActivationCase c, double x, double z) =>
        c.Reference.F(x) - (x * x / 2) + ((x - z) * (x - z) / 2);

    private static void AssertClose(Func<double, double> reference, float[] x, float[] actual, string what)
    {
        for (int i = 0; i < x.Length; i++)
        {
            double expected = reference(x[i]);
            Assert.True(Math.Abs(actual[i] - expected) <= 4e-7 * (1 + Math.Abs(expected)), $"{what}({x[i]:R}) = {actual[i]:R}, not {expected:R}");
        }
    }
}
