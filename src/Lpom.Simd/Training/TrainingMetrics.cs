using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Lpom.Simd.Training;

/// <summary>
/// What trainers of the process measure, for whoever listens (<c>dotnet-counters monitor --counters Lpom.Training</c>, OpenTelemetry): steps,
/// samples, diverged steps, the time of a step, loss and objective. Without a listener nothing is measured, and in no case is memory allocated.
/// </summary>
public static class TrainingMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Lpom.Training";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Steps = Meter.CreateCounter<long>("lpom.training.steps", "{step}", "Training steps");
    private static readonly Counter<long> Samples = Meter.CreateCounter<long>("lpom.training.samples", "{sample}", "Samples of training steps");
    private static readonly Counter<long> Diverged = Meter.CreateCounter<long>("lpom.training.diverged", "{step}", "Steps that diverged");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("lpom.training.step.duration", "s", "Time of a training step");
    private static readonly Gauge<double> Loss = Meter.CreateGauge<double>("lpom.training.loss", description: "Mean loss per sample, before the step");
    private static readonly Gauge<double> Objective = Meter.CreateGauge<double>("lpom.training.objective", description: "Eq. (3) per sample");

    /// <summary>The time when a step begins; 0 when nobody listens to its duration.</summary>
    internal static long Begin() => Duration.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Measures a step; nothing where no batch has been finished.</summary>
    /// <param name="begun">Of <see cref="Begin"/>.</param>
    /// <param name="report">What it did.</param>
    internal static void End(long begun, in StepReport report)
    {
        if (report.Rows == 0)
            return;
        if (begun != 0)
            Duration.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds);
        Steps.Add(1);
        Samples.Add(report.Rows);
        if (report.Diverged)
        {
            Diverged.Add(1);
            return;
        }

        Loss.Record(report.Loss);
        Objective.Record(report.Objective);
    }
}
