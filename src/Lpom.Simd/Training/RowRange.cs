namespace Lpom.Simd.Training;

/// <summary>Consecutive rows of a batch.</summary>
/// <param name="First">From 0.</param>
/// <param name="Count">At least 1.</param>
internal readonly record struct RowRange(int First, int Count);
