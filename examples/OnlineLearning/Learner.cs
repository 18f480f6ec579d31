using System.Diagnostics;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Model;
using Lpom.Simd.Training.Inputs;
using Lpom.Simd.Training.Online;

namespace Lpom.Examples;

/// <summary>Learns from a queue of samples on a thread of its own, and publishes a network now and then.</summary>
internal sealed class Learner : IDisposable
{
    private const int Remembered = 1000, NewSamplesPerStep = 20, Batch = 64, StepsToPublish = 5, StepsToRenew = 25;

    private readonly SampleQueue _queue;
    private readonly SampleWindow _window;
    private readonly TimeSpan _budget;
    private readonly OnlineTrainer _trainer;
    private readonly float[] _inputs;
    private readonly int[] _labels = new int[Batch];
    private readonly Thread _thread;
    private Rng _random = new(seed: 2);
    private volatile bool _ends;

    /// <summary>Starts to learn.</summary>
    /// <param name="start">The network to start from.</param>
    /// <param name="rows">Rows like those that it was trained on: the metric of the first steps.</param>
    /// <param name="queue">Where samples come from.</param>
    /// <param name="budget">The longest that the samples of a step should take: those for which there is no time are left.</param>
    public Learner(Network start, ISampleRows rows, SampleQueue queue, TimeSpan budget)
    {
        _queue = queue;
        _window = new SampleWindow(Remembered, start.Inputs);
        _budget = budget;
        _inputs = new float[Batch * start.Inputs];
        _trainer = new OnlineTrainer(start, rows, new OnlineOptions());
        _thread = new Thread(Learn) { IsBackground = true, Name = "learner" };
        _thread.Start();
    }

    /// <summary>The network published last: whole, and never changed again.</summary>
    public Network Network => _trainer.Latest;

    /// <summary>Networks published so far.</summary>
    public int Published { get; private set; }

    /// <summary>Steps so far.</summary>
    public int Steps { get; private set; }

    /// <summary>Samples that the steps trained on, some of them again and again.</summary>
    public long Samples { get; private set; }

    /// <summary>How many of the steps took longer than the budget.</summary>
    public int LateSteps { get; private set; }

    /// <summary>Ends learning, after the step that is being taken.</summary>
    public void Dispose()
    {
        _ends = true;
        _thread.Join();
        _trainer.Dispose();
    }

    private void Learn()
    {
        int unlearned = 0;
        while (!_ends)
        {
            unlearned += _window.AddFrom(_queue);
            if (unlearned < NewSamplesPerStep || _window.Rows < Batch)
            {
                Thread.Sleep(1);
                continue;
            }
            unlearned -= NewSamplesPerStep;
            Step();
            // Steps are in the metric of the rows given last, which the stream leaves behind when it changes.
            if (Steps % StepsToRenew == 0) Renew();
            if (Steps % StepsToPublish == 0) Publish();
        }
    }

    private void Renew()
    {
        try
        {
            _trainer.Renew(_window);
        }
        catch (ArgumentException)
        {
            // The newest samples are all the same, or too large: the metric of those before does until there are others.
        }
    }

    /// <summary>A step on samples drawn from the newest ones.</summary>
    private void Step()
    {
        int width = _window.Features;
        for (int i = 0; i < Batch; i++)
        {
            int row = _random.NextInt(_window.Rows);
            _window.CopyInputs(row, count: 1, _inputs.AsSpan(i * width), width);
            _labels[i] = _window.Label(row);
        }
        long begun = Stopwatch.GetTimestamp();
        Samples += _trainer.Step(new ReadOnlyMatrixView(_inputs, Batch, width), _labels, _budget).Samples;
        if (Stopwatch.GetElapsedTime(begun) > _budget) LateSteps++;
        Steps++;
    }

    private void Publish()
    {
        _trainer.Publish();
        Published++;
    }
}
