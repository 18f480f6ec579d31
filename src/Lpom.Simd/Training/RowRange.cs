namespace Lpom.Simd.Training;

/// <summary>Consecutive rows of a batch or another matrix.</summary>
/// <param name="First">From 0.</param>
/// <param name="Count">From 0.</param>
internal readonly record struct RowRange(int First, int Count);
