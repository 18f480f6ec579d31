using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Proximal;

/// <summary>
/// F and F* of an activation from φ alone, for activations without closed forms: slow (about 200 evaluations of φ each), and used by the
/// objective only.
/// </summary>
/// <remarks>
/// Relative error of F* for a smooth φ that varies on a scale of 1: 2e-6 for |z| ≤ 20, 2e-5 for |z| ≤ 200. A kink of φ where the slope
/// jumps by J adds at most J (z/64)²/8. F has the error of F* at φ⁻¹(x), absolute, and that of rounding z φ(z). A NaN gives a NaN.
/// </remarks>
public static class Quadrature
{
    private const int Panels = 64;
    private const int BracketDoublings = 24;
    private const int Bisections = 40;

    /// <summary>F*(z) = ∫₀ᶻ φ by the composite Gauss–Legendre rule with 64 panels of 3 points.</summary>
    public static TV FStar<TAct, TW, TV>(TAct activation, TV z)
        where TAct : struct, IProximalActivation
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV panel = TW.Multiply(z, TW.Broadcast(1f / Panels));
        TV outer = TW.Zero, centre = TW.Zero;
        for (int i = 0; i < Panels; i++)
        {
            // The nodes are the centre and √0.6 half panels to either side.
            TV low = activation.Phi<TW, TV>(TW.Multiply(panel, TW.Broadcast(i + 0.112701665f)));
            TV middle = activation.Phi<TW, TV>(TW.Multiply(panel, TW.Broadcast(i + 0.5f)));
            TV high = activation.Phi<TW, TV>(TW.Multiply(panel, TW.Broadcast(i + 0.887298335f)));
            outer = TW.Add(outer, TW.Add(low, high));
            centre = TW.Add(centre, middle);
        }
        TV mean = TW.Fma(TW.Broadcast(5f / 18f), outer, TW.Multiply(TW.Broadcast(8f / 18f), centre));
        return TW.Multiply(panel, mean);
    }

    /// <summary>
    /// F(x) less F(φ(0)), as the conjugate x z − F*(z) at z = φ⁻¹(x): an activation that uses it has the penalty minimum 0. Found by bracketing and bisection up to |z| = 2²⁴; +∞ outside of
    /// [<see cref="IProximalActivation.Lower"/>, <see cref="IProximalActivation.Upper"/>]. An error of z counts only to second order.
    /// </summary>
    public static TV F<TAct, TW, TV>(TAct activation, TV x)
        where TAct : struct, IProximalActivation
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV z = Inverse<TAct, TW, TV>(activation, x);
        TV f = TW.Subtract(TW.Multiply(x, z), FStar<TAct, TW, TV>(activation, z));
        return Domain.Between<TW, TV>(x, activation.Lower, activation.Upper, f);
    }

    /// <summary>A z with φ(z) = x: of several, one next to 0; where φ does not reach x, the end of the search.</summary>
    private static TV Inverse<TAct, TW, TV>(TAct activation, TV x)
        where TAct : struct, IProximalActivation
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV sign = TW.Select(
            TW.LessThan(x, activation.Phi<TW, TV>(TW.Zero)), TW.Broadcast(-1f), TW.Broadcast(1f));
        TV goal = TW.Multiply(sign, x);
        TV high = TW.Broadcast(1f);
        for (int i = 0; i < BracketDoublings; i++)
        {
            TV below = Below<TAct, TW, TV>(activation, sign, high, goal);
            if (!Lanes.AnySet<TW, TV>(below)) break;
            high = TW.Select(below, TW.Add(high, high), high);
        }
        TV low = TW.Zero;
        for (int i = 0; i < Bisections; i++)
        {
            TV middle = TW.Multiply(TW.Broadcast(0.5f), TW.Add(low, high));
            TV below = Below<TAct, TW, TV>(activation, sign, middle, goal);
            low = TW.Select(below, middle, low);
            high = TW.Select(below, high, middle);
        }
        return TW.Multiply(sign, high);
    }

    /// <summary>Whether φ at this distance from 0 has not come as far as the goal, in the sign's direction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TV Below<TAct, TW, TV>(TAct activation, TV sign, TV distance, TV goal)
        where TAct : struct, IProximalActivation
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        TW.LessThan(TW.Multiply(sign, activation.Phi<TW, TV>(TW.Multiply(sign, distance))), goal);
}
