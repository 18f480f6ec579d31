using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Proximal;

namespace Lpom.Simd.Model;

/// <summary>Seeded initial weights.</summary>
public static class NetworkInit
{
    /// <summary>
    /// A network from Glorot's uniform start, ±√(6 / (inputs + outputs)). Behind a ReLU output the last weights are
    /// their absolute values: from signed ones, and non-negative inputs, some output units are dead from the beginning.
    /// </summary>
    /// <param name="widths">Inputs, hidden widths, outputs: at least two, all positive.</param>
    /// <param name="hidden">φ of every layer but the last.</param>
    /// <param name="output">φ of the last.</param>
    /// <param name="loss">The loss to train for.</param>
    /// <param name="seed">The same seed gives the same bits on every machine.</param>
    /// <param name="hasBiases">Whether the layers have biases, which start at zero.</param>
    /// <exception cref="ArgumentException">Fewer than two widths, or cross-entropy on an output that is not linear.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A width that is not positive, or a layer too large to allocate.</exception>
    public static Network Glorot(ReadOnlySpan<int> widths, Activation hidden, Activation output, Loss loss, ulong seed, bool hasBiases = false)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        ArgumentNullException.ThrowIfNull(output);
        if (widths.Length < 2) throw new ArgumentException("A network needs at least inputs and outputs.", nameof(widths));
        Activation[] activations = [.. Enumerable.Repeat(hidden, widths.Length - 2), output];
        return Glorot(widths, activations, loss, seed, hasBiases);
    }

    /// <inheritdoc cref="Glorot(ReadOnlySpan{int}, Activation, Activation, Loss, ulong, bool)" path="/summary" />
    /// <param name="widths">Inputs, hidden widths, outputs: at least two, all positive.</param>
    /// <param name="activations">φ of each layer.</param>
    /// <param name="loss">The loss to train for.</param>
    /// <param name="seed">The same seed gives the same bits on every machine.</param>
    /// <param name="hasBiases">Whether the layers have biases, which start at zero.</param>
    /// <exception cref="ArgumentException">Not as many activations as layers, or cross-entropy on an output that is not linear.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A width that is not positive, or a layer too large to allocate.</exception>
    public static Network Glorot(ReadOnlySpan<int> widths, IReadOnlyList<Activation> activations, Loss loss, ulong seed, bool hasBiases = false)
    {
        ArgumentNullException.ThrowIfNull(activations);
        if (activations.Count != widths.Length - 1)
            throw new ArgumentException($"There are {activations.Count} activations for {widths.Length - 1} layers.", nameof(activations));
        foreach (int width in widths) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width, nameof(widths));
        var random = new Rng(seed);
        var layers = new Layer[widths.Length - 1];
        for (int i = 0; i < layers.Length; i++)
        {
            Activation activation = activations[i];
            bool isReluOutput = i == layers.Length - 1 && activation is Activation<Relu>;
            Matrix weights = Uniform(widths[i + 1], widths[i], ref random, absolute: isReluOutput);
            layers[i] = new Layer(weights, hasBiases ? new AlignedBuffer(widths[i + 1]) : null, activation);
        }
        return new Network(layers, loss);
    }

    private static Matrix Uniform(int outputs, int inputs, ref Rng random, bool absolute)
    {
        var weights = new Matrix(outputs, inputs);
        float bound = (float)Math.Sqrt(6.0 / ((double)inputs + outputs));
        for (int row = 0; row < outputs; row++)
        {
            foreach (ref float weight in weights.View.Row(row))
            {
                float value = ((2f * random.NextSingle()) - 1f) * bound;
                weight = absolute ? MathF.Abs(value) : value;
            }
        }
        return weights;
    }
}
