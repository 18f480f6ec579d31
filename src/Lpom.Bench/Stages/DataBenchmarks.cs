using BenchmarkDotNet.Attributes;
using Lpom.Data;

namespace Lpom.Bench.Stages;

/// <summary>
/// STAGE 0: batches of 100 rows at random out of 60,000 × 784, MNIST's size; per batch. The rows are kept as bytes; floats, converted
/// once before, are the alternative.
/// </summary>
[MemoryDiagnoser]
public class DataBenchmarks
{
    private const int Rows = 60_000;
    private const int Features = 784;
    private const int Classes = 10;
    private const int BatchesPerEpoch = Rows / RealNetworks.Batch;

    private Batches _batches = null!;
    private BatchOrder _order = null!;
    private int _epoch;

    [GlobalSetup(Target = nameof(FromBytes))]
    public void StoreBytes()
    {
        byte[] pixels = new byte[Rows * Features];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)i;
        _batches = BatchesOf(new ByteRows(pixels, Features), Preprocessing.UnitPixels);
    }

    [GlobalSetup(Target = nameof(FromFloats))]
    public void StoreFloats()
    {
        float[] inputs = new float[Rows * Features];
        Noise.Fill(inputs);
        _batches = BatchesOf(new FloatRows(inputs, Features), Preprocessing.Identity);
    }

    [GlobalSetup(Target = nameof(Order))]
    public void MakeOrder() => _order = new BatchOrder(Rows, RealNetworks.Batch, seed: 1);

    /// <summary>Gathering, conversion and scaling of bytes, and a batch's share of the epoch's shuffle.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = BatchesPerEpoch)]
    public float FromBytes() => WalkEpoch();

    /// <summary>Gathering of floats, and a batch's share of the epoch's shuffle.</summary>
    [Benchmark(OperationsPerInvoke = BatchesPerEpoch)]
    public float FromFloats() => WalkEpoch();

    /// <summary>A batch's share of the epoch's shuffle alone.</summary>
    [Benchmark(OperationsPerInvoke = BatchesPerEpoch)]
    public void Order() => _order.StartEpoch(_epoch++ & int.MaxValue);

    private float WalkEpoch()
    {
        float sum = 0;
        foreach (Batch batch in _batches.Epoch(_epoch++ & int.MaxValue)) sum += batch.Inputs[0, 0];
        return sum;
    }

    private static Batches BatchesOf(RowStorage storage, Preprocessing preprocessing)
    {
        int[] labels = [.. Enumerable.Range(0, Rows).Select(i => i % Classes)];
        string[] names = [.. Enumerable.Range(0, Classes).Select(i => i.ToString())];
        Dataset data = Dataset.WithOwnTest("noise", storage, RowTargets.OfClasses(labels, names), Rows, preprocessing, shape: null);
        return new Batches(data.Train, RealNetworks.Batch, seed: 1);
    }
}
