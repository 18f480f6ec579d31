namespace Lpom.Simd.Training.Online;

/// <summary>What <see cref="OnlineTrainer"/> made of a batch.</summary>
/// <param name="Samples">How many of its samples, from the first, were trained on within the budget.</param>
/// <param name="Loss">Their mean loss, each before the step that it took part in; NaN if there are none.</param>
/// <param name="Divergence">Where and how a step failed, after which training went back to weights from before; the default value if none did.</param>
public readonly record struct OnlineReport(int Samples, double Loss, Divergence Divergence);
