using System.Runtime.InteropServices;
using Lpom.Data;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training;
using Lpom.Simd.Training.BackPropagation;
using Lpom.Simd.Training.Online;
using Lpom.Simd.Training.Paper;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Bench.Soak;

/// <summary>What goes on at once in a soak: each worker repeats a piece of work and compares its result with that of the first time.</summary>
internal sealed class SoakWorkers
{
    private const int Batch = 32, Steps = 60, PredictedRows = 64, LargestBatch = 9;

    // A trainer's first steps make what later ones reuse.
    private const int WarmUpSteps = 3;

    private readonly Dataset _data = NamedData.Load("digits");
    private readonly SoakTally _tally;
    private readonly ulong _seed;
    private readonly Network _start, _startWithoutBiases, _trained;
    private readonly Network[] _shared;
    private readonly Matrix _inputs;
    private readonly float[][] _expected;
    private readonly Dictionary<string, byte[]> _models;
    private Network _latest;

    public SoakWorkers(SoakTally tally, ulong seed)
    {
        (_tally, _seed) = (tally, seed);
        _start = Start(hasBiases: true);
        _startWithoutBiases = Start(hasBiases: false);
        _models = Methods.ToDictionary(method => method.Name, method => Train(method, threads: 1, steps: Steps));
        _trained = Network.Load(new MemoryStream(_models[Methods[0].Name]), "the model");
        _shared = [.. Enum.GetValues<WeightPrecision>().Select(_trained.WithPrecision)];
        _inputs = new Matrix(PredictedRows, _data.Features);
        _data.Test.CopyInputs(0, PredictedRows, Flat(_inputs), _inputs.View.Stride);
        _expected = [.. _shared.Select(Scores)];
        _latest = _trained;
    }

    /// <summary>Everything that is to go on at once.</summary>
    public IReadOnlyList<Action<CancellationToken>> All =>
        [.. Methods.Select((method, i) => (Action<CancellationToken>)(stop => Retrain(method, threads: 1 + (i % 2), stop))), PredictOneByOne, PredictBatches, PredictLatest, LearnOnline, SaveAndLoad];

    private IReadOnlyList<(string Name, Func<int, Trainer> Create)> Methods =>
    [
        ("lpom", threads => new StreamingTrainer(_start, new StreamingOptions { TotalSteps = Steps, MaxBatch = Batch, Threads = threads }, _data.Train)),
        ("lpom-paper", threads => new PaperTrainer(_startWithoutBiases, new PaperOptions { MaxBatch = Batch, Threads = threads })),
        ("sgd", threads => new BackPropagationTrainer(_start, new BackPropagationOptions { TotalSteps = Steps, MaxBatch = Batch, Threads = threads }, _data.Train)),
        ("adam", threads => new BackPropagationTrainer(_start, new BackPropagationOptions { Optimizer = Optimizer.Adam, TotalSteps = Steps, MaxBatch = Batch, Threads = threads }, _data.Train)),
    ];

    private Network Start(bool hasBiases) => NetworkInit.Glorot(
        [_data.Features, 48, _data.Classes], Activation.Of(default(Relu)), Activation.Of(default(Identity)), hasBiases ? Loss.CrossEntropy : Loss.LeastSquares, _seed, hasBiases);

    private static Span<float> Flat(Matrix matrix) => MemoryMarshal.CreateSpan(ref matrix.View.Row(0)[0], (matrix.Rows - 1) * matrix.View.Stride + matrix.Cols);

    // Trains anew with the same seed, and gives up every third time.
    private void Retrain((string Name, Func<int, Trainer> Create) method, int threads, CancellationToken stop)
    {
        var random = new Rng(_seed, 1);
        while (!stop.IsCancellationRequested)
        {
            bool givesUp = random.NextInt(3) == 0;
            byte[] model = Train(method, threads, givesUp ? random.NextInt(Steps) : Steps);
            if (givesUp)
                _tally.AddCancellation();
            else if (!model.AsSpan().SequenceEqual(_models[method.Name]))
                _tally.AddWrong($"{method.Name} trained to another model");
        }
    }

    private byte[] Train((string Name, Func<int, Trainer> Create) method, int threads, int steps)
    {
        using Trainer trainer = method.Create(threads);
        var order = new BatchOrder(_data.Train.Rows, Batch, _seed);
        Matrix inputs = new(Batch, _data.Features);
        int[] labels = new int[Batch];
        for (int step = 0; step < steps; step++)
        {
            ReadOnlySpan<int> rows = order[step % (order.Count - 1)];
            _data.Train.CopyInputs(rows, Flat(inputs), inputs.View.Stride);
            _data.Train.CopyLabels(rows, labels);
            var before = new AllocationMark();
            bool diverged = trainer.Step(inputs.View, labels).Diverged;
            if (step >= WarmUpSteps)
                _tally.AddBytes(before);
            if (diverged)
                _tally.AddWrong($"{method.Name} diverged");
        }

        _tally.AddSteps(steps);
        return Bytes(trainer.ToNetwork(), ModelFormat.Safetensors);
    }

    private float[] Scores(Network network)
    {
        float[] scores = new float[PredictedRows * network.Outputs];
        using var workspace = Workspace.For(network, PredictedRows, threads: 1);
        for (int row = 0; row < PredictedRows; row++)
            network.Predict(_inputs.View.Row(row), scores.AsSpan(row * network.Outputs, network.Outputs), workspace);
        return scores;
    }

    private void PredictOneByOne(CancellationToken stop)
    {
        float[] scores = new float[_trained.Outputs], memory = new float[_shared.Max(network => network.WorkspaceLength)];
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            int precision = i % _shared.Length, row = i % PredictedRows;
            var before = new AllocationMark();
            _shared[precision].Predict(_inputs.View.Row(row), scores, memory);
            Count(before, i, 1);
            Compare(scores, precision, row, rows: 1);
        }
    }

    private void PredictBatches(CancellationToken stop)
    {
        using var workspace = Workspace.For(_trained, LargestBatch, threads: 2);
        Matrix scores = new(LargestBatch, _trained.Outputs);
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            int precision = i % _shared.Length, rows = 1 + (i % LargestBatch), first = i % (PredictedRows - LargestBatch);
            var before = new AllocationMark();
            _shared[precision].PredictBatch(_inputs.View.SliceRows(first, rows), scores.Top(rows), workspace);
            Count(before, i, rows);
            for (int row = 0; row < rows; row++)
                Compare(scores.View.Row(row), precision, first + row, rows);
        }
    }

    // The networks that online learning hands out.
    private void PredictLatest(CancellationToken stop)
    {
        float[] scores = new float[_trained.Outputs], memory = new float[_trained.WorkspaceLength];
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            Network latest = Volatile.Read(ref _latest);
            latest.Predict(_inputs.View.Row(i % PredictedRows), scores, memory);
            _tally.AddPredictions(1);
            foreach (float score in scores)
            {
                if (!float.IsFinite(score))
                    _tally.AddWrong($"an online network answers {score}");
            }
        }
    }

    private void LearnOnline(CancellationToken stop)
    {
        using var trainer = new OnlineTrainer(_trained, _data.Train, new OnlineOptions());
        var order = new BatchOrder(_data.Train.Rows, Batch, _seed);
        Matrix inputs = new(Batch, _data.Features);
        int[] labels = new int[Batch];
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            ReadOnlySpan<int> rows = order[i % (order.Count - 1)];
            _data.Train.CopyInputs(rows, Flat(inputs), inputs.View.Stride);
            _data.Train.CopyLabels(rows, labels);
            trainer.Step(inputs.View, labels, TimeSpan.FromMilliseconds(1));
            if (i % 20 != 0)
                continue;
            Volatile.Write(ref _latest, trainer.Publish());
            _tally.AddPublished();
        }
    }

    private void SaveAndLoad(CancellationToken stop)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lpom-soak-");
        try
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                ModelFormat format = i % 2 == 0 ? ModelFormat.Safetensors : ModelFormat.Onnx;
                string file = Path.Combine(folder.FullName, $"model-{i % 4}");
                _trained.Save(file, format);
                Network loaded = Network.Load(file);
                if (!Scores(loaded).AsSpan().SequenceEqual(_expected[0]))
                    _tally.AddWrong($"a model loaded from {format} answers otherwise");
                _tally.AddFile();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private void Count(in AllocationMark before, int call, int predictions)
    {
        // The first calls of each kind compile.
        if (call >= 100)
            _tally.AddBytes(before);
        _tally.AddPredictions(predictions);
    }

    private void Compare(ReadOnlySpan<float> scores, int precision, int row, int rows)
    {
        if (!scores.SequenceEqual(_expected[precision].AsSpan(row * scores.Length, scores.Length)))
            _tally.AddWrong($"row {row}, {(WeightPrecision)precision}, in a batch of {rows}");
    }

    private static byte[] Bytes(Network network, ModelFormat format)
    {
        using var stream = new MemoryStream();
        network.Save(stream, format);
        return stream.ToArray();
    }
}
