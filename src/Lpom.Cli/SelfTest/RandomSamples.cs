using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Training.Inputs;

namespace Lpom.Cli.SelfTest;

/// <summary>Samples with values from 0 to 1 and their classes, the same ones in every run.</summary>
internal sealed class RandomSamples : ISampleRows
{
    private const ulong Seed = 1;

    private readonly Matrix _inputs;
    private readonly int[] _labels;

    public RandomSamples(int count, int inputs, int classes)
    {
        var random = new Rng(Seed);
        _inputs = new Matrix(count, inputs);
        _labels = new int[count];
        for (int row = 0; row < count; row++)
        {
            foreach (ref float value in _inputs.View.Row(row))
                value = random.NextSingle();
            _labels[row] = random.NextInt(classes);
        }
    }

    public int Rows => _labels.Length;

    public int Features => _inputs.Cols;

    public ReadOnlyMatrixView Inputs(int first, int count) => _inputs.View.SliceRows(first, count);

    public void CopyInputs(int firstRow, int count, Span<float> destination, int stride) =>
        Inputs(firstRow, count).CopyTo(new MatrixView(destination, count, Features, stride));

    public ReadOnlySpan<int> Labels(int first, int count) => _labels.AsSpan(first, count);
}
