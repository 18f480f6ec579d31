using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Proximal;

namespace Lpom.Simd.Model;

/// <summary>Seeded initial weights.</summary>
public static class NetworkInit
{
    private const int CentreBisections = 100;

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
    public static Network Glorot(ReadOnlySpan<int> widths, Activation hidden, Activation output, Loss loss, ulong seed, bool hasBiases = false) =>
        Glorot(widths, OfLayers(widths, hidden, output), loss, seed, hasBiases);

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
        return new Network(GlorotLayers(widths, activations, seed, hasBiases), loss);
    }

    /// <summary>The layers of <see cref="Glorot(ReadOnlySpan{int}, IReadOnlyList{Activation}, Loss, ulong, bool)"/> one after the other, each made when it is asked for: of a network that is too large to have at once.</summary>
    /// <param name="widths">Inputs, hidden widths, outputs: at least two, all positive.</param>
    /// <param name="activations">φ of each layer.</param>
    /// <param name="seed">The same seed gives the same bits on every machine.</param>
    /// <param name="hasBiases">Whether the layers have biases, which start at zero.</param>
    /// <exception cref="ArgumentException">Not as many activations as layers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A width that is not positive, or a layer too large to allocate.</exception>
    public static IEnumerable<Layer> GlorotLayers(ReadOnlySpan<int> widths, IReadOnlyList<Activation> activations, ulong seed, bool hasBiases = false)
    {
        Check(widths, activations);
        return MakeGlorot([.. widths], activations, seed, hasBiases);
    }

    /// <summary>
    /// A network from the centred orthogonal start, eq. (10): W = gQ with orthonormal rows or columns, whichever are fewer, g = 1/β, and
    /// bias = p − g·c·(the sum of Q's row), where φ(p) is the centre of φ's range and c that of the layer below. The signal is neither
    /// amplified nor damped around the point where no unit is saturated. The data, and an activation without bounds, count as centred
    /// at 0.
    /// </summary>
    /// <param name="widths">Inputs, hidden widths, outputs: at least two, all positive.</param>
    /// <param name="activations">φ of each layer.</param>
    /// <param name="loss">The loss to train for.</param>
    /// <param name="seed">The same seed gives the same bits.</param>
    /// <exception cref="ArgumentException">Not as many activations as layers, or cross-entropy on an output that is not linear.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A width that is not positive, or a layer too large to allocate.</exception>
    public static Network Orthogonal(ReadOnlySpan<int> widths, IReadOnlyList<Activation> activations, Loss loss, ulong seed)
    {
        return new Network(OrthogonalLayers(widths, activations, seed), loss);
    }

    /// <summary>The layers of <see cref="Orthogonal(ReadOnlySpan{int}, IReadOnlyList{Activation}, Loss, ulong)"/> one after the other, each made when it is asked for: of a network that is too large to have at once.</summary>
    /// <param name="widths">Inputs, hidden widths, outputs: at least two, all positive.</param>
    /// <param name="activations">φ of each layer.</param>
    /// <param name="seed">The same seed gives the same bits.</param>
    /// <exception cref="ArgumentException">Not as many activations as layers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A width that is not positive, or a layer too large to allocate.</exception>
    public static IEnumerable<Layer> OrthogonalLayers(ReadOnlySpan<int> widths, IReadOnlyList<Activation> activations, ulong seed)
    {
        Check(widths, activations);
        return MakeOrthogonal([.. widths], activations, seed);
    }

    /// <inheritdoc cref="Orthogonal(ReadOnlySpan{int}, IReadOnlyList{Activation}, Loss, ulong)" path="/summary" />
    /// <param name="widths">Inputs, hidden widths, outputs: at least two, all positive.</param>
    /// <param name="hidden">φ of every layer but the last.</param>
    /// <param name="output">φ of the last.</param>
    /// <param name="loss">The loss to train for.</param>
    /// <param name="seed">The same seed gives the same bits.</param>
    /// <exception cref="ArgumentException">Fewer than two widths, or cross-entropy on an output that is not linear.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A width that is not positive, or a layer too large to allocate.</exception>
    public static Network Orthogonal(ReadOnlySpan<int> widths, Activation hidden, Activation output, Loss loss, ulong seed) =>
        Orthogonal(widths, OfLayers(widths, hidden, output), loss, seed);

    /// <summary>The start that suits an activation: orthogonal where φ saturates at both ends, else Glorot's.</summary>
    public static InitialWeights Preferred(Activation hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        return hidden.IsBounded ? InitialWeights.Orthogonal : InitialWeights.Glorot;
    }

    private static Activation[] OfLayers(ReadOnlySpan<int> widths, Activation hidden, Activation output)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        ArgumentNullException.ThrowIfNull(output);
        if (widths.Length < 2) throw new ArgumentException("A network needs at least inputs and outputs.", nameof(widths));
        return [.. Enumerable.Repeat(hidden, widths.Length - 2), output];
    }

    private static void Check(ReadOnlySpan<int> widths, IReadOnlyList<Activation> activations)
    {
        ArgumentNullException.ThrowIfNull(activations);
        if (activations.Count != widths.Length - 1)
            throw new ArgumentException($"There are {activations.Count} activations for {widths.Length - 1} layers.", nameof(activations));
        foreach (int width in widths) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width, nameof(widths));
    }

    private static IEnumerable<Layer> MakeGlorot(int[] widths, IReadOnlyList<Activation> activations, ulong seed, bool hasBiases)
    {
        var random = new Rng(seed);
        for (int i = 0; i < activations.Count; i++)
        {
            Activation activation = activations[i];
            bool isReluOutput = i == activations.Count - 1 && activation is Activation<Relu>;
            Matrix weights = Uniform(widths[i + 1], widths[i], ref random, absolute: isReluOutput);
            yield return new Layer(weights, hasBiases ? new AlignedBuffer(widths[i + 1]) : null, activation);
        }
    }

    private static IEnumerable<Layer> MakeOrthogonal(int[] widths, IReadOnlyList<Activation> activations, ulong seed)
    {
        var random = new Rng(seed);
        float centreBelow = 0;
        for (int i = 0; i < activations.Count; i++)
        {
            yield return OrthogonalLayer(widths[i + 1], widths[i], activations[i], centreBelow, ref random);
            centreBelow = Centre(activations[i]);
        }
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

    private static Layer OrthogonalLayer(int outputs, int inputs, Activation activation, float centreBelow, ref Rng random)
    {
        bool isTall = outputs > inputs;
        double[][] vectors = OrthonormalRows.Draw(Math.Min(outputs, inputs), Math.Max(outputs, inputs), ref random);
        var weights = new Matrix(outputs, inputs);
        var bias = new AlignedBuffer(outputs);
        double gain = 1 / activation.Lipschitz, offset = CentreArgument(activation);
        for (int row = 0; row < outputs; row++)
        {
            double sum = 0;
            for (int col = 0; col < inputs; col++)
            {
                double weight = gain * (isTall ? vectors[col][row] : vectors[row][col]);
                weights.View[row, col] = (float)weight;
                sum += weight;
            }
            bias.Span[row] = (float)(offset - (centreBelow * sum));
        }
        return new Layer(weights, bias, activation);
    }

    private static float Centre(Activation activation) => activation.IsBounded ? (activation.Lower + activation.Upper) / 2 : 0;

    /// <summary>p with φ(p) = c, the centre of the range; 0 for an activation without bounds.</summary>
    private static double CentreArgument(Activation activation)
    {
        float centre = Centre(activation);
        if (!activation.IsBounded || activation.Apply(0) == centre) return 0;
        float low = -1, high = 1;
        while (activation.Apply(low) > centre && float.IsFinite(low)) low *= 2;
        while (activation.Apply(high) < centre && float.IsFinite(high)) high *= 2;
        for (int i = 0; i < CentreBisections; i++)
        {
            float middle = (low + high) / 2;
            float value = activation.Apply(middle);
            if (value == centre) return middle;
            if (value < centre) low = middle;
            else high = middle;
        }
        return high;
    }
}
