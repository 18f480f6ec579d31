namespace Lpom.Simd.Model;

/// <summary>How the weights of a network start.</summary>
public enum InitialWeights
{
    /// <summary>Uniform, ±√(6 / (inputs + outputs)), biases zero.</summary>
    Glorot,

    /// <summary>The centred orthogonal start, eq. (10).</summary>
    Orthogonal,
}
