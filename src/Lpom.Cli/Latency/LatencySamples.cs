using Lpom.Cli.SelfTest;
using Lpom.Data;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;

namespace Lpom.Cli.Latency;

/// <summary>Samples [few × inputs] to predict for, one after the other: so few that they stay in the cache beside the weights.</summary>
internal static class LatencySamples
{
    private const int OfRandom = 8, OfData = 32;

    /// <summary>Values from 0 to 1.</summary>
    public static Matrix Random(Network network)
    {
        var samples = new Matrix(OfRandom, network.Inputs);
        new RandomSamples(OfRandom, network.Inputs, network.Outputs).Inputs(0, OfRandom).CopyTo(samples.View);
        return samples;
    }

    /// <summary>Rows from first to last, as far apart as they can be: files may be in the order of classes.</summary>
    public static Matrix Of(DataView rows)
    {
        var samples = new Matrix(Math.Min(OfData, rows.Rows), rows.Features);
        for (int i = 0; i < samples.Rows; i++)
            rows.CopyInputs((int)((long)i * rows.Rows / samples.Rows), 1, samples.View.Row(i), rows.Features);
        return samples;
    }

    /// <summary>The part of the values that is 0.</summary>
    public static double Zeros(Matrix samples)
    {
        long zeros = 0;
        for (int row = 0; row < samples.Rows; row++)
            zeros += samples.View.Row(row).Count(0f);
        return (double)zeros / ((long)samples.Rows * samples.Cols);
    }
}
