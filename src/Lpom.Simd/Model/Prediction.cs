using System.Numerics.Tensors;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Model;

/// <content>STAGE 1: the forward pass Xⁱ⁺¹ = φ(Xⁱ·Wᵀ + b) in the caller's workspace.</content>
public sealed partial class Network
{
    // More rows repay packing the weights anew, block by block, and spare the copy of them.
    internal const int FewRows = 128;

    /// <summary>The scores of one sample. Allocates nothing once warm.</summary>
    /// <param name="x">The sample [Inputs].</param>
    /// <param name="scores">Receives the output layer's activations [Outputs]: with cross-entropy, the logits.</param>
    /// <param name="workspace">Made for this network; one per thread.</param>
    /// <exception cref="ArgumentException">A wrong length, or another network's workspace; thrown before any work.</exception>
    /// <exception cref="InvalidOperationException">Another thread is using the workspace.</exception>
    public void Predict(ReadOnlySpan<float> x, Span<float> scores, Workspace workspace)
    {
        if (x.Length != Inputs) throw new ArgumentException($"The sample has {x.Length} values, the network takes {Inputs}.", nameof(x));
        if (scores.Length != Outputs) throw new ArgumentException($"There is room for {scores.Length} scores, the network gives {Outputs}.", nameof(scores));
        PredictBatch(new ReadOnlyMatrixView(x, 1, Inputs), new MatrixView(scores, 1, Outputs), workspace);
    }

    /// <summary>The index of one sample's highest score; the lowest such index. Allocates nothing once warm.</summary>
    /// <inheritdoc cref="Predict" path="/param" />
    /// <inheritdoc cref="Predict" path="/exception" />
    public int PredictLabel(ReadOnlySpan<float> x, Workspace workspace)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        if (x.Length != Inputs) throw new ArgumentException($"The sample has {x.Length} values, the network takes {Inputs}.", nameof(x));
        workspace.Enter();
        try
        {
            workspace.CheckFits(this, rows: 1);
            Span<float> scores = workspace.LabelScores;
            Forward(new ReadOnlyMatrixView(x, 1, Inputs), new MatrixView(scores, 1, Outputs), workspace);
            return TensorPrimitives.IndexOfMax((ReadOnlySpan<float>)scores);
        }
        finally
        {
            workspace.Leave();
        }
    }

    /// <summary>The scores of a batch, a sample a row. Allocates nothing once warm.</summary>
    /// <param name="x">The samples [rows × Inputs]; at most <see cref="Workspace.MaxBatch"/> rows.</param>
    /// <param name="scores">Receives the output layer's activations [rows × Outputs]; must not overlap <paramref name="x"/>.</param>
    /// <param name="workspace">Made for this network; one per thread.</param>
    /// <exception cref="ArgumentException">A wrong shape, or another network's workspace; thrown before any work.</exception>
    /// <exception cref="InvalidOperationException">Another thread is using the workspace.</exception>
    public void PredictBatch(ReadOnlyMatrixView x, MatrixView scores, Workspace workspace)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        workspace.CheckFits(this, x.Rows);
        if (x.Cols != Inputs) throw new ArgumentException($"The samples have {x.Cols} values, the network takes {Inputs}.", nameof(x));
        if (scores.Rows != x.Rows || scores.Cols != Outputs)
            throw new ArgumentException($"The scores are [{scores.Rows} × {scores.Cols}], not [{x.Rows} × {Outputs}].", nameof(scores));
        workspace.Enter();
        try
        {
            Forward(x, scores, workspace);
        }
        finally
        {
            workspace.Leave();
        }
    }

    private void Forward(ReadOnlyMatrixView x, MatrixView scores, Workspace workspace)
    {
        ReadOnlyMatrixView current = x;
        if (InputBounds is not null)
        {
            MatrixView clipped = workspace.ClippedInputs(x.Rows);
            InputBounds.Clip(x, clipped);
            current = clipped;
        }
        for (int i = 0; i < _layers.Length; i++)
        {
            Layer layer = _layers[i];
            MatrixView next = i == _layers.Length - 1 ? scores : workspace.Activations(i, x.Rows, layer.Outputs);
            if (x.Rows <= FewRows || layer.Precision != WeightPrecision.Float32) layer.Activation.Forward(workspace.Context, current, layer.Packed, layer.Bias, next);
            else layer.Activation.Forward(workspace.Context, current, layer.Weights, layer.Bias, next);
            current = next;
        }
    }
}
