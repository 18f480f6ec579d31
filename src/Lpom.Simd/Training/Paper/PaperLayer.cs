using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training.State;

namespace Lpom.Simd.Training.Paper;

/// <summary>Everything that training keeps for one layer, allocated once. Samples are rows; m is the batch, at most the allocated one.</summary>
internal sealed class PaperLayer
{
    private readonly Layer _start;
    private int _rows;

    public PaperLayer(Layer start, int index, float mu, PaperOptions options)
    {
        _start = start;
        int batch = options.MaxBatch;
        int gram = Math.Min(batch, start.Inputs);
        Mu = mu;
        Weights = new Matrix(start.Outputs, start.Inputs);
        start.Weights.CopyTo(Weights.View);
        PreviousWeights = options.WeightSteps > 1 ? new Matrix(start.Outputs, start.Inputs) : null;
        ProductBuffer = new Matrix(batch, start.Outputs);
        PreActivationBuffer = new Matrix(batch, start.Outputs);
        OutputBuffer = new Matrix(batch, start.Outputs);
        ResidualBuffer = new Matrix(batch, start.Outputs);
        BackwardBuffer = new Matrix(batch, start.Inputs);
        GramBuffer = new Matrix(gram, gram);
        // Only a batch of more samples than inputs goes by way of the gradient.
        GradientBuffer = batch > start.Inputs ? new Matrix(start.Outputs, start.Inputs) : null;
        Direction = new Matrix(1, start.Outputs);
        Image = new Matrix(1, start.Inputs);
        // Streams from the top, as data orders take theirs from the bottom: one seed serves both.
        var random = new Rng(options.Seed, ulong.MaxValue - (ulong)index);
        foreach (ref float value in Direction.View.Row(0)) value = random.NextGaussian();
    }

    /// <summary>φ of the layer's output.</summary>
    public Activation Activation => _start.Activation;

    /// <summary>μ of the penalty between the layer's output and its product.</summary>
    public float Mu { get; }

    public int Inputs => _start.Inputs;

    public int Outputs => _start.Outputs;

    /// <summary>Wⁱ [outputs × inputs].</summary>
    public Matrix Weights { get; private set; }

    /// <summary>W of the step before, when there are Nesterov steps.</summary>
    public Matrix? PreviousWeights { get; private set; }

    /// <summary>WⁱXⁱ as [m × outputs].</summary>
    public MatrixView Product => ProductBuffer.Top(_rows);

    /// <summary>U, the argument of φ that the guard averages, [m × outputs].</summary>
    public MatrixView PreActivation => PreActivationBuffer.Top(_rows);

    /// <summary>Xⁱ⁺¹ [m × outputs].</summary>
    public MatrixView Output => OutputBuffer.Top(_rows);

    /// <summary>φ(WⁱXⁱ) − Xⁱ⁺¹ [m × outputs].</summary>
    public MatrixView Residual => ResidualBuffer.Top(_rows);

    /// <summary>(Wⁱ)ᵀ(φ(WⁱXⁱ) − Xⁱ⁺¹) as [m × inputs].</summary>
    public MatrixView Backward => BackwardBuffer.Top(_rows);

    /// <summary>The Gram matrix of the layer's input and its Cholesky factor, [k × k] with k = min(m, inputs).</summary>
    public MatrixView Gram => GramBuffer.View.SliceRows(0, GramSize).SliceCols(0, GramSize);

    /// <summary>(φ(WⁱXⁱ) − Xⁱ⁺¹)ᵀXⁱ [outputs × inputs], when batches may be larger than the inputs.</summary>
    public Matrix? GradientBuffer { get; }

    /// <summary>The unit vector [1 × outputs] of the power iteration.</summary>
    public Matrix Direction { get; }

    /// <summary>Wᵀ times <see cref="Direction"/>, [1 × inputs].</summary>
    public Matrix Image { get; }

    /// <summary>Whether the layer's input has a usable Gram factor; false for an input of zeros alone.</summary>
    public bool HasGramFactor { get; set; }

    private int GramSize => Math.Min(_rows, Inputs);

    private Matrix ProductBuffer { get; }

    private Matrix PreActivationBuffer { get; }

    private Matrix OutputBuffer { get; }

    private Matrix ResidualBuffer { get; }

    private Matrix BackwardBuffer { get; }

    private Matrix GramBuffer { get; }

    /// <summary>Sets the batch's size.</summary>
    public void SetRows(int rows) => _rows = rows;

    public void VisitState(IStateVisitor state)
    {
        state.Visit(Weights.View);
        if (PreviousWeights is not null) state.Visit(PreviousWeights.View);
        state.Visit(Direction.View);
    }

    /// <summary>Exchanges the weights with those of the step before.</summary>
    public void SwapWeights() => (Weights, PreviousWeights) = (PreviousWeights!, Weights);

    /// <summary>The layer with a copy of the weights as they are.</summary>
    public Layer Snapshot() => new(Weights.View, _start.Bias, Activation);
}
