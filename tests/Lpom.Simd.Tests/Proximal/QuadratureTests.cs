using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Proximal;
using Lpom.Simd.Tests.Reference;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Proximal;

/// <summary>An activation of a user's own, and the numeric F and F* that it may fall back on.</summary>
public sealed class QuadratureTests
{
    private static readonly ReferenceActivation Reference =
        new("softsign", z => z / (1 + Math.Abs(z)), x => x / (1 - Math.Abs(x)), -1, 1, 1);

    private static readonly ActivationCase<Softsign> Case = new(default, Reference);

    [Fact]
    public void FStar_of_a_smooth_activation_is_as_accurate_as_stated()
    {
        float[] z = [.. Floats.Grid(-20, 20, 161), 200f, -200f, 1e-3f, 0f];
        float[] actual = Case.FStar(SimdWidth.Scalar, z);
        for (int i = 0; i < z.Length; i++)
        {
            double expected = Math.Abs(z[i]) - ReferenceActivation.Log1p(Math.Abs(z[i]));
            double relative = Math.Abs(z[i]) <= 20 ? 5e-6 : 3e-5;
            Assert.True(Math.Abs(actual[i] - expected) <= relative * expected, $"F*({z[i]}) = {actual[i]:R}, not {expected:R}");
        }
    }

    [Fact]
    public void F_by_conjugation_agrees_with_the_closed_form()
    {
        float[] x = Floats.Grid(-0.95, 0.95, 101);
        float[] actual = Case.F(SimdWidth.Scalar, x);
        for (int i = 0; i < x.Length; i++)
        {
            double expected = -Math.Abs(x[i]) - Math.Log(1 - Math.Abs(x[i]));
            Assert.True(Math.Abs(actual[i] - expected) <= 2e-5 * (1 + expected), $"F({x[i]}) = {actual[i]:R}, not {expected:R}");
        }
    }

    [Fact]
    public void Kinked_activations_stay_within_the_stated_bound()
    {
        float[] z = Floats.Grid(-6, 6, 97);
        float[] exact = ActivationCase.Of("hard-tanh").FStar(SimdWidth.Scalar, z);
        float[] numeric = new ActivationCase<NumericHardTanh>(default, ReferenceActivation.HardTanh).FStar(SimdWidth.Scalar, z);
        for (int i = 0; i < z.Length; i++)
            Assert.True(Math.Abs(numeric[i] - exact[i]) <= (z[i] * z[i] / (64 * 64 * 8)) + 5e-6, $"F*({z[i]}) = {numeric[i]}, not {exact[i]}");
    }

    [Fact]
    public void F_of_a_saturating_activation_is_right_at_its_ends_and_infinite_outside()
    {
        ActivationCase<NumericHardTanh> c = new(default, ReferenceActivation.HardTanh);
        Assert.Equal(0.5f, c.F(1f), 1e-3);
        Assert.Equal(0.5f, c.F(-1f), 1e-3);
        Assert.Equal(float.PositiveInfinity, c.F(1.01f));
        Assert.True(float.IsNaN(c.F(float.NaN)));
    }

    [Fact]
    public void An_activation_of_ones_own_has_the_penalty_of_the_built_in_ones() => Properties.Hold(Arbitraries.Pair(8f), pair =>
    {
        (float z, float x) = (pair.A, Math.Clamp(pair.B / 8f, -0.9f, 0.9f));
        float phi = Case.Phi(z);
        Assert.InRange(Case.Penalty(phi, z), -1e-4, 1e-4);
        double distance = x - phi;
        Assert.True(Case.Penalty(x, z) >= (distance * distance / 2) - 1e-4);
    });

    [Fact]
    public void All_widths_give_the_same_bits()
    {
        float[] x = [.. Floats.Grid(-1.2, 1.2, 77), float.NaN];
        foreach (SimdWidth width in Widths.List)
        {
            Bits.AssertSame(Case.F(SimdWidth.Scalar, x), Case.F(width, x), $"F at {width}");
            Bits.AssertSame(Case.FStar(SimdWidth.Scalar, x), Case.FStar(width, x), $"F* at {width}");
        }
    }

    private readonly struct Softsign : IProximalActivation
    {
        public string Name => "softsign";

        public float Lipschitz => 1f;

        public float Lower => -1f;

        public float Upper => 1f;

        public float PenaltyMinimum => 0f;

        public TV Phi<TW, TV>(TV z)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => TW.Divide(z, TW.Add(TW.Broadcast(1f), TW.Abs(z)));

        public TV F<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => Quadrature.F<Softsign, TW, TV>(this, x);

        public TV FStar<TW, TV>(TV z)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => Quadrature.FStar<Softsign, TW, TV>(this, z);

        public TV Derivative<TW, TV>(TV z, TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => throw new NotSupportedException();
    }

    private readonly struct NumericHardTanh : IProximalActivation
    {
        public string Name => "numeric-hard-tanh";

        public float Lipschitz => 1f;

        public float Lower => -1f;

        public float Upper => 1f;

        public float PenaltyMinimum => 0f;

        public TV Phi<TW, TV>(TV z)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => default(HardTanh).Phi<TW, TV>(z);

        public TV F<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => Quadrature.F<NumericHardTanh, TW, TV>(this, x);

        public TV FStar<TW, TV>(TV z)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => Quadrature.FStar<NumericHardTanh, TW, TV>(this, z);

        public TV Derivative<TW, TV>(TV z, TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => throw new NotSupportedException();
    }
}
