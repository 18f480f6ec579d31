using System.Diagnostics.Metrics;
using Lpom.Data;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Simd.Tests.Training;

public class TrainingMetricsTests
{
    [Fact]
    public void A_listener_hears_of_every_step_and_nobody_allocates()
    {
        Dataset digits = NamedData.Load("digits");
        Network start = NetworkInit.Glorot([64, 16, 10], Activation.Of(default(Relu)), Activation.Of(default(Identity)), Loss.CrossEntropy, seed: 1, hasBiases: true);
        using var trainer = new StreamingTrainer(start, new StreamingOptions { TotalSteps = 100, Threads = 1 }, digits.Train);
        int[] rows = [.. Enumerable.Range(0, 37)], labels = [.. rows.Select(digits.Train.Label)];
        int thread = Environment.CurrentManagedThreadId;
        long steps = 0, samples = 0;
        double seconds = 0, loss = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == TrainingMetrics.MeterName)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        // Trainers of other tests are measured, too, on their own threads.
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            if (Environment.CurrentManagedThreadId != thread) return;
            if (instrument.Name == "lpom.training.steps") steps += value;
            if (instrument.Name == "lpom.training.samples") samples += value;
        });
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) =>
        {
            if (Environment.CurrentManagedThreadId != thread) return;
            if (instrument.Name == "lpom.training.step.duration") seconds += value;
            if (instrument.Name == "lpom.training.loss") loss = value;
        });
        listener.Start();
        double last = 0;
        long allocated = ThreadAllocations.Least(() => last = trainer.StepOnRows(rows, labels).Loss);
        Assert.True(steps > 0);
        Assert.Equal(37 * steps, samples);
        Assert.InRange(seconds, 1e-6, 60);
        Assert.Equal(last, loss);
        Assert.Equal(0, allocated);
    }
}
