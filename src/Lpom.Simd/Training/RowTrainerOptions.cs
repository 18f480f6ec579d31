namespace Lpom.Simd.Training;

/// <summary>The settings that every <see cref="RowTrainer"/> treats alike; checked by the options that they come from.</summary>
/// <param name="MaxBatch">The most samples of one batch.</param>
/// <param name="Threads">Threads; 0 for one per processor.</param>
/// <param name="LabelSmoothing">The part of every target that is spread over all classes.</param>
/// <param name="InputDropout">The part of the inputs that is set to zero.</param>
/// <param name="AveragedPart">The last part of the run over which the weights are averaged.</param>
/// <param name="TotalSteps">The batches of the run; 0 when unknown, with nothing to average.</param>
/// <param name="FirstStep">Steps of the run that are behind the start.</param>
/// <param name="Seed">The seed of the dropout.</param>
/// <param name="Parallelism">How threads share a step.</param>
internal readonly record struct RowTrainerOptions(
    int MaxBatch, int Threads, float LabelSmoothing, float InputDropout, float AveragedPart, int TotalSteps, int FirstStep, ulong Seed, Parallelism Parallelism);
