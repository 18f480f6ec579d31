using System.Numerics.Tensors;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Proximal;

namespace Lpom.Simd.Model;

/// <summary>One layer of a network: X ↦ φ(X·Wᵀ + b) for samples in rows. Immutable.</summary>
public sealed class Layer
{
    private Matrix? _weights;
    private readonly AlignedBuffer? _bias;
    private PackedMatrix? _packed;

    /// <summary>Copies weights and bias into a layer.</summary>
    /// <param name="weights">W [outputs × inputs].</param>
    /// <param name="bias">b [outputs], or empty for a layer without.</param>
    /// <param name="activation">φ.</param>
    /// <exception cref="ArgumentException">No inputs, no outputs, or a bias of another length.</exception>
    public Layer(ReadOnlyMatrixView weights, ReadOnlySpan<float> bias, Activation activation)
    {
        ArgumentNullException.ThrowIfNull(activation);
        if (weights.Rows == 0 || weights.Cols == 0) throw new ArgumentException("A layer needs inputs and outputs.", nameof(weights));
        if (bias.Length != 0 && bias.Length != weights.Rows)
            throw new ArgumentException($"A layer of {weights.Rows} outputs has a bias of as many, not {bias.Length}.", nameof(bias));
        _weights = new Matrix(weights.Rows, weights.Cols);
        weights.CopyTo(_weights.View);
        (Inputs, Outputs) = (weights.Cols, weights.Rows);
        if (bias.Length != 0)
        {
            _bias = new AlignedBuffer(bias.Length);
            bias.CopyTo(_bias.Span);
        }
        Activation = activation;
    }

    internal Layer(Matrix weights, AlignedBuffer? bias, Activation activation)
    {
        _weights = weights;
        _bias = bias;
        Inputs = weights.Cols;
        Outputs = weights.Rows;
        Activation = activation;
    }

    internal Layer(PackedMatrix weights, AlignedBuffer? bias, Activation activation)
    {
        _packed = weights;
        _bias = bias;
        Inputs = weights.Terms;
        Outputs = weights.Columns;
        Precision = weights.Precision;
        Activation = activation;
    }

    /// <summary>Values that a sample brings in.</summary>
    public int Inputs { get; }

    /// <summary>Values that a sample leaves with.</summary>
    public int Outputs { get; }

    /// <summary>How the weights are stored.</summary>
    public WeightPrecision Precision { get; }

    /// <summary>φ.</summary>
    public Activation Activation { get; }

    /// <summary>W [outputs × inputs], row-major. Of a layer in lower precision, rounded as it is, and of one that was read from a file it is made when it is first asked for, and kept.</summary>
    public ReadOnlyMatrixView Weights => (Volatile.Read(ref _weights) ?? Unpack()).View;

    /// <summary>Whether <see cref="Weights"/> are there already.</summary>
    internal bool HasWeights => Volatile.Read(ref _weights) is not null;

    /// <summary>Wᵀ as predictions for few samples read it; made when it is first asked for, and kept.</summary>
    internal PackedMatrix Packed => Volatile.Read(ref _packed) ?? Pack();

    /// <summary>b [outputs]; empty for a layer without bias.</summary>
    public ReadOnlySpan<float> Bias => _bias is null ? [] : _bias.Span;

    /// <summary>Weights and biases.</summary>
    public long Parameters => ((long)Inputs * Outputs) + Bias.Length;

    /// <summary>Bytes of the weights as they are stored, and of their scales; not of the bias, nor of what fills up vectors.</summary>
    public long WeightBytes =>
        ((long)Inputs * Outputs * PackedMatrix.SizeOf(Precision)) + (Precision == WeightPrecision.Int8 ? (long)Outputs * sizeof(float) : 0);

    /// <summary>Whether every weight and bias is a number.</summary>
    internal bool IsFinite
    {
        get
        {
            for (int unit = 0; unit < Outputs; unit++)
            {
                if (!TensorPrimitives.IsFiniteAll(Weights.Row(unit))) return false;
            }
            return Bias.IsEmpty || TensorPrimitives.IsFiniteAll(Bias);
        }
    }

    /// <summary>The same layer with its weights in another precision.</summary>
    internal Layer WithPrecision(WeightPrecision precision)
    {
        if (precision == Precision) return this;
        return precision == WeightPrecision.Float32
            ? new Layer(Weights, Bias, Activation)
            : new Layer(PackedMatrix.OfTransposed(Weights, precision), _bias, Activation);
    }

    /// <summary>The layer on raw values that does what this one does on raw ∘ factors + offsets.</summary>
    internal Layer FoldInputs(ReadOnlySpan<float> factors, ReadOnlySpan<float> offsets)
    {
        var weights = new Matrix(Outputs, Inputs);
        for (int unit = 0; unit < Outputs; unit++) TensorPrimitives.Multiply(Weights.Row(unit), factors, weights.View.Row(unit));
        Layer rounded = new Layer(weights, bias: null, Activation).WithPrecision(Precision);
        var bias = new AlignedBuffer(Outputs);
        for (int unit = 0; unit < Outputs; unit++)
        {
            double sum = Bias.IsEmpty ? 0 : Bias[unit];
            ReadOnlySpan<float> exact = Weights.Row(unit), folded = rounded.Weights.Row(unit);
            for (int j = 0; j < exact.Length; j++)
            {
                // What is left of the weight: it meets the offset in what it is multiplied with.
                bool isExact = Precision == WeightPrecision.Float32 || factors[j] == 0;
                sum += offsets[j] * (isExact ? exact[j] : folded[j] / (double)factors[j]);
            }
            bias.Span[unit] = (float)sum;
        }
        return rounded._packed is { } packed && Precision != WeightPrecision.Float32 ? new Layer(packed, bias, Activation) : new Layer(weights, bias, Activation);
    }

    /// <summary>The layer whose outputs are those of this one, times factors, plus offsets.</summary>
    /// <param name="factors">[Outputs].</param>
    /// <param name="offsets">[Outputs].</param>
    internal Layer FoldOutputs(ReadOnlySpan<float> factors, ReadOnlySpan<float> offsets)
    {
        var weights = new Matrix(Outputs, Inputs);
        float[] bias = new float[Outputs];
        for (int unit = 0; unit < Outputs; unit++)
        {
            TensorPrimitives.Multiply(Weights.Row(unit), factors[unit], weights.View.Row(unit));
            bias[unit] = (factors[unit] * (Bias.IsEmpty ? 0 : Bias[unit])) + offsets[unit];
        }
        return new Layer(weights.View, bias, Activation).WithPrecision(Precision);
    }

    private Matrix Unpack()
    {
        Matrix weights = _packed!.ToTransposed();
        return Interlocked.CompareExchange(ref _weights, weights, null) ?? weights;
    }

    // Threads that ask at the same time may each make one; all of them use the first that is done.
    private PackedMatrix Pack()
    {
        var packed = PackedMatrix.OfTransposed(Weights);
        return Interlocked.CompareExchange(ref _packed, packed, null) ?? packed;
    }
}
