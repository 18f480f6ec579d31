namespace Lpom.Bench.Ratios;

/// <summary>A line of JSON: one elementwise function's figures.</summary>
/// <param name="Op">tanh, sigmoid or exp.</param>
/// <param name="N">Elements.</param>
/// <param name="Threads">Our threads; TensorPrimitives has one.</param>
/// <param name="Simd">Our vector width in bits, 1 for scalar.</param>
/// <param name="ElementsPerNs">Ours.</param>
/// <param name="TensorPrimitives">TensorPrimitives' elements per nanosecond.</param>
/// <param name="Ratio">Ours over TensorPrimitives'.</param>
/// <param name="MaxError">Ours: the largest error, absolute up to 1 and relative above.</param>
internal sealed record PointwiseLine(
    string Op, int N, int Threads, int Simd, double ElementsPerNs, double TensorPrimitives, double Ratio, double MaxError);
