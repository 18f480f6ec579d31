using System.Diagnostics;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Model;
using Lpom.Simd.Training;
using Lpom.Simd.Training.Inputs;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Examples;

/// <summary>Learns from a queue of samples on a thread of its own, and publishes a network now and then.</summary>
internal sealed class Learner : IDisposable
{
    private const int MaxBatch = 100, Remembered = 1000, SamplesPerStep = 20, StepsToPublish = 5, StepsToRenew = 25;

    private readonly SampleQueue _queue;
    private readonly SampleWindow _window;
    private readonly TimeSpan _budget;
    private readonly float[] _inputs;
    private readonly int[] _labels = new int[MaxBatch];
    private readonly Thread _thread;
    private StreamingTrainer _trainer;
    private Network _network;
    private Rng _random = new(seed: 2);
    private int _batch = MaxBatch / 2;
    private volatile bool _ends;

    /// <summary>Starts to learn.</summary>
    /// <param name="start">The network to start from.</param>
    /// <param name="rows">Rows like those that it was trained on: their statistics scale the samples at first.</param>
    /// <param name="queue">Where samples come from.</param>
    /// <param name="budget">The longest that a step should take: batches are made as large as fit into it.</param>
    public Learner(Network start, ISampleRows rows, SampleQueue queue, TimeSpan budget)
    {
        _network = start;
        _queue = queue;
        _window = new SampleWindow(Remembered, start.Inputs);
        _budget = budget;
        _inputs = new float[MaxBatch * start.Inputs];
        _trainer = TrainerFor(start, rows);
        _thread = new Thread(Learn) { IsBackground = true, Name = "learner" };
        _thread.Start();
    }

    /// <summary>The network published last: whole, and never changed again.</summary>
    public Network Network => Volatile.Read(ref _network);

    /// <summary>Networks published so far.</summary>
    public int Published { get; private set; }

    /// <summary>Steps so far.</summary>
    public int Steps { get; private set; }

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
            if (unlearned < SamplesPerStep || _window.Rows < MaxBatch)
            {
                Thread.Sleep(1);
                continue;
            }
            unlearned -= SamplesPerStep;
            Step();
            if (Steps % StepsToRenew == 0) Renew();
            if (Steps % StepsToPublish == 0) Publish();
        }
    }

    /// <summary>A step on samples drawn from the newest ones.</summary>
    private void Step()
    {
        int width = _window.Features;
        for (int i = 0; i < _batch; i++)
        {
            int row = _random.NextInt(_window.Rows);
            _window.CopyInputs(row, count: 1, _inputs.AsSpan(i * width), width);
            _labels[i] = _window.Label(row);
        }
        long begun = Stopwatch.GetTimestamp();
        bool hasDiverged = _trainer.Step(new ReadOnlyMatrixView(_inputs, _batch, width), _labels.AsSpan(0, _batch)).Diverged;
        bool isLate = Stopwatch.GetElapsedTime(begun) > _budget;
        Steps++;
        if (isLate) LateSteps++;
        _batch = isLate ? Math.Max(1, _batch / 2) : Math.Min(MaxBatch, _batch + 1);
        if (hasDiverged) Replace(TrainerFor(Network, _window));
    }

    // A trainer's steps are in the metric of its rows, which the stream leaves behind when it changes.
    private void Renew() => Replace(TrainerFor(_trainer.ToNetwork(), _window));

    // A workspace prepares the network's weights: the thread that predicts is spared it.
    private void Publish()
    {
        Network network = _trainer.ToNetwork();
        Workspace.For(network, maxBatch: 1).Dispose();
        Volatile.Write(ref _network, network);
        Published++;
    }

    private void Replace(StreamingTrainer trainer)
    {
        _trainer.Dispose();
        _trainer = trainer;
    }

    // A stream has no end that a schedule could run towards.
    private static StreamingTrainer TrainerFor(Network start, ISampleRows rows) =>
        new(start, new StreamingOptions { Schedule = StepSchedule.Constant, LearningRate = 2f, MaxBatch = MaxBatch, Threads = 1 }, rows);
}
