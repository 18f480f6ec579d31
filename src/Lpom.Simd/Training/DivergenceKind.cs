namespace Lpom.Simd.Training;

/// <summary>How a training step failed.</summary>
public enum DivergenceKind
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>The objective or the loss is NaN or infinite.</summary>
    NotFinite,

    /// <summary>The objective is beyond all proportion to the first batch's loss.</summary>
    BlowUp,

    /// <summary>The loss of the batches fed forward has stayed many times above the first one's.</summary>
    LossGrowth,

    /// <summary>The Gram matrix of a layer's input is not positive definite, even with its ridge.</summary>
    SingularGram,
}
