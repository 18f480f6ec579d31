using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;

namespace Lpom.Simd.Training.Inputs;

/// <summary>Sets a part of the inputs to zero and multiplies the others by 1/(1 − part); each step draws from a sequence of its own.</summary>
internal readonly struct InputDropout(float part, ulong seed)
{
    /// <summary>Whether there is anything to drop.</summary>
    public bool IsOn => part > 0;

    /// <summary>Drops values of all columns of H = [X, 1] but the ones.</summary>
    public void Apply(MatrixView h, int step)
    {
        // Streams from the middle: data orders take theirs from the bottom, power iterations from the top.
        var random = new Rng(seed, (1UL << 63) + (ulong)step);
        float kept = 1 / (1 - part);
        for (int row = 0; row < h.Rows; row++)
        {
            foreach (ref float value in h.Row(row)[..^1]) value = random.NextSingle() < part ? 0 : value * kept;
        }
    }
}
