namespace Lpom.Simd.Model;

/// <summary>The loss ℓ(Xⁿ, L) of eq. (3), summed over the outputs of a sample.</summary>
public enum Loss
{
    /// <summary>½‖Xⁿ − L‖², [L19]'s choice.</summary>
    LeastSquares,

    /// <summary>−Σ L ln softmax(Xⁿ), on a linear output layer.</summary>
    CrossEntropy,
}
