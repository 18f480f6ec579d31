namespace Lpom.Simd.Kernels.Memory;

/// <summary>How the weights of a network in use are stored. Inputs, biases, sums and activations are float32 in all of them.</summary>
public enum WeightPrecision
{
    /// <summary>As trained.</summary>
    Float32,

    /// <summary>Rounded to the nearest bfloat16: half the memory, eight bits of a weight.</summary>
    BFloat16,

    /// <summary>Integers from −127 to 127 times a scale for each of the layer's outputs: a quarter of the memory.</summary>
    Int8,
}
