using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;

namespace Lpom.Cli.SelfTest;

/// <summary>Samples with values from 0 to 1 and their classes, the same ones in every run.</summary>
internal sealed class RandomSamples
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

    public ReadOnlyMatrixView Inputs(int first, int count) => _inputs.View.SliceRows(first, count);

    public ReadOnlySpan<int> Labels(int first, int count) => _labels.AsSpan(first, count);
}
