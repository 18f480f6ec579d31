using System.Globalization;

namespace Lpom.Simd.Training;

/// <summary>Where and how a training step failed; the default value says that it did not.</summary>
/// <param name="Kind">How.</param>
/// <param name="Layer">The layer that failed first or carries most of the objective, from 1.</param>
/// <param name="Objective">The objective per sample.</param>
public readonly record struct Divergence(DivergenceKind Kind, int Layer, double Objective)
{
    /// <summary>One sentence without a full stop, such as <c>layer 2: the objective is not finite</c>.</summary>
    public override string ToString() => Kind switch
    {
        DivergenceKind.None => "no divergence",
        DivergenceKind.NotFinite => string.Create(CultureInfo.InvariantCulture, $"layer {Layer}: the objective is not finite"),
        DivergenceKind.BlowUp => string.Create(CultureInfo.InvariantCulture, $"layer {Layer}: the objective has grown to {Objective:G3} per sample"),
        DivergenceKind.LossGrowth => string.Create(CultureInfo.InvariantCulture, $"layer {Layer}: the loss has stayed far above the first batch's"),
        _ => string.Create(CultureInfo.InvariantCulture, $"layer {Layer}: the Gram matrix of its input is not positive definite"),
    };
}
