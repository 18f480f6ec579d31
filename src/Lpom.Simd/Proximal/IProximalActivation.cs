using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Proximal;

/// <summary>
/// An activation φ as a proximal operator: φ(z) = argminₓ f(x) + ½(x − z)² with f(x) = F(x) − x²/2 ([L19] eqs. 6 and 7). φ is
/// non-decreasing and β-Lipschitz, acts elementwise, need not be differentiable and may saturate.
/// </summary>
/// <remarks>
/// Implement it as a readonly struct. Each body is written once, over the width trait, and runs at every vector width; mark it
/// <c>AggressiveInlining</c>. Training by LPOM uses φ and β alone; F and F* serve the objective, and an activation without closed forms for them
/// calls <see cref="Quadrature"/>. A NaN must give a NaN: put the bound first in <c>Min</c> and <c>Max</c>.
/// </remarks>
public interface IProximalActivation
{
    /// <summary>The name in model files and on the command line: lower-case words joined by hyphens.</summary>
    string Name { get; }

    /// <summary>β: the least Lipschitz constant of φ.</summary>
    float Lipschitz { get; }

    /// <summary>The lower end of the range of φ, which is F's domain: −∞ where it has none. A finite end belongs to the domain.</summary>
    float Lower { get; }

    /// <summary>The upper end of the range of φ, which is F's domain: +∞ where it has none. A finite end belongs to the domain.</summary>
    float Upper { get; }

    /// <summary>F(φ(0)): what F(x) + F*(z) − xz comes to at x = φ(z). 0 when φ(0) = 0.</summary>
    float PenaltyMinimum { get; }

    /// <summary>φ(z).</summary>
    TV Phi<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct;

    /// <summary>
    /// F(x) = ∫₀ˣ φ⁻¹(y) dy on [<see cref="Lower"/>, <see cref="Upper"/>], +∞ outside. Another constant will do, if
    /// <see cref="PenaltyMinimum"/> is F(φ(0)) of the same F.
    /// </summary>
    TV F<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct;

    /// <summary>F*(z) = ∫₀ᶻ φ(y) dy.</summary>
    TV FStar<TW, TV>(TV z)
        where TW : struct, ISimdWidth<TV>
        where TV : struct;

    /// <summary>
    /// φ′(z), given x = φ(z) too; at a kink, either side's. For the back-propagation that LPOM is compared with: LPOM never asks.
    /// </summary>
    TV Derivative<TW, TV>(TV z, TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct;
}
