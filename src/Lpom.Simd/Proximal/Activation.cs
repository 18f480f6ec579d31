using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Proximal;

/// <summary>
/// An activation chosen at run time: one virtual call per layer and stage, behind which everything is a closed generic over the struct.
/// </summary>
public abstract class Activation
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-.");

    private protected Activation()
    {
    }

    /// <summary>The ten built-in activations.</summary>
    public static IReadOnlyList<Activation> All { get; } =
    [
        Of(default(Identity)), Of(default(Relu)), Of(new LeakyRelu()), Of(default(Elu)), Of(default(Sigmoid)), Of(default(Tanh)),
        Of(default(HardSigmoid)), Of(default(HardTanh)), Of(default(Softplus)), Of(default(Clip01)),
    ];

    /// <inheritdoc cref="IProximalActivation.Name" />
    public abstract string Name { get; }

    /// <inheritdoc cref="IProximalActivation.Lipschitz" />
    public abstract float Lipschitz { get; }

    /// <inheritdoc cref="IProximalActivation.Lower" />
    public abstract float Lower { get; }

    /// <inheritdoc cref="IProximalActivation.Upper" />
    public abstract float Upper { get; }

    /// <summary>Whether φ saturates at both ends.</summary>
    public bool IsBounded => float.IsFinite(Lower) && float.IsFinite(Upper);

    /// <summary>The built-in activation of a name, or the leaky ReLU of a slope such as <c>leaky-relu-0.3</c>; false when there is none.</summary>
    public static bool TryGet(string name, [NotNullWhen(true)] out Activation? activation)
    {
        // Without delegates and enumerators: a model file may name one for each of thousands of layers.
        for (int i = 0; i < All.Count; i++)
        {
            if (All[i].Name != name) continue;
            activation = All[i];
            return true;
        }
        activation = LeakyRelu.TryParse(name, out LeakyRelu leaky) ? Of(leaky) : null;
        return activation is not null;
    }

    /// <summary>An activation of the caller's own.</summary>
    /// <exception cref="ArgumentException">Its name is not made of lower-case letters, digits, hyphens and points.</exception>
    public static Activation Of<TAct>(TAct activation)
        where TAct : struct, IProximalActivation
    {
        string name = activation.Name;
        if (string.IsNullOrEmpty(name) || name.AsSpan().ContainsAnyExcept(NameCharacters))
            throw new ArgumentException($"The name '{name}' is not lower-case words joined by hyphens.", nameof(activation));
        return new Activation<TAct>(activation, name);
    }

    /// <summary>φ(z) of one number.</summary>
    internal abstract float Apply(float z);

    /// <summary>X = φ(Z), [m × n].</summary>
    internal abstract void Apply(KernelContext context, ReadOnlyMatrixView z, MatrixView x);

    /// <summary>φ(X·Wᵀ + b) for samples in rows: X [m × in], W [out × in], b [out] or empty, result [m × out].</summary>
    internal abstract void Forward(KernelContext context, ReadOnlyMatrixView x, ReadOnlyMatrixView weights, ReadOnlySpan<float> bias, MatrixView result);

    /// <summary>The same bits with Wᵀ packed, for few rows.</summary>
    internal abstract void Forward(KernelContext context, ReadOnlyMatrixView x, PackedMatrix weights, ReadOnlySpan<float> bias, MatrixView result);

    /// <summary>R = φ(Z) − X⁺, [m × n].</summary>
    internal abstract void Residual(KernelContext context, ReadOnlyMatrixView z, ReadOnlyMatrixView target, MatrixView result);

    /// <summary>
    /// The guarded iteration of eq. (4): U ← (1−θ)U₋ + θ(A − rB), X = φ(U), all [m × n]. <paramref name="u"/> may be
    /// <paramref name="previous"/>.
    /// </summary>
    internal abstract void GuardedUpdate(
        KernelContext context, ReadOnlyMatrixView previous, ReadOnlyMatrixView a, ReadOnlyMatrixView b, float r, float theta, MatrixView u, MatrixView x);

    /// <summary>The output iteration of eq. (5): X = φ(A − s(G − L)) for ∂ℓ/∂X = G − L, all [m × n]. <paramref name="x"/> may be G.</summary>
    internal abstract void OutputUpdate(
        KernelContext context, ReadOnlyMatrixView a, ReadOnlyMatrixView g, ReadOnlyMatrixView targets, float s, MatrixView x);

    /// <summary>D = X − φ(Z − rB) for X = φ(Z), all [m × n]: how far a fixed-point step from there moves. <paramref name="result"/> may be B.</summary>
    internal abstract void Deviation(
        KernelContext context, ReadOnlyMatrixView x, ReadOnlyMatrixView z, ReadOnlyMatrixView b, float r, MatrixView result);

    /// <summary>E ∘ φ′(Z) for X = φ(Z), all [m × n]. <paramref name="result"/> may be E.</summary>
    internal abstract void BackPropagate(KernelContext context, ReadOnlyMatrixView x, ReadOnlyMatrixView z, ReadOnlyMatrixView error, MatrixView result);

    /// <summary>1ᵀP(X, Z)1, P less its minimum, of eq. (2).</summary>
    internal abstract double Penalty(KernelContext context, ReadOnlyMatrixView x, ReadOnlyMatrixView z);
}
