namespace Lpom.Simd.Kernels.Memory;

/// <summary>How the weights of a network in use are stored. Inputs, biases and activations are float32 in all of them.</summary>
public enum WeightPrecision
{
    /// <summary>As trained.</summary>
    Float32,

    /// <summary>Rounded to the nearest bfloat16: half the memory, eight bits of a weight.</summary>
    BFloat16,

    /// <summary>
    /// Integers from −127 to 127 times a scale for each of the layer's outputs: a quarter of the memory. A layer's inputs are rounded on the way, 512 at a time, to
    /// the 32767th part of their largest, and their products added exactly; an input that is not finite makes all outputs NaN.
    /// </summary>
    Int8,
}
