using System.Numerics.Tensors;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;

namespace Lpom.Simd.Model;

/// <content>STAGE 1: the forward pass Xⁱ⁺¹ = φ(Xⁱ·Wᵀ + b) in the caller's memory.</content>
public sealed partial class Network
{
    // More rows repay packing the weights anew, block by block, and spare the copy of them.
    internal const int FewRows = 128;

    /// <summary>Packs the weights as predictions for few samples read them, if that has not been done: what the first such prediction does otherwise.</summary>
    public void Prepare()
    {
        foreach (Layer layer in _layers) _ = layer.Packed;
    }

    /// <summary>Floats of memory that <see cref="Predict(ReadOnlySpan{float}, Span{float}, Span{float})"/> needs.</summary>
    public int WorkspaceLength => PredictionMemory.Length(this, rows: 1);

    /// <summary>The scores of one sample. Allocates nothing once warm.</summary>
    /// <param name="x">The sample [Inputs].</param>
    /// <param name="scores">Receives the output layer's activations [Outputs]: with cross-entropy, the logits.</param>
    /// <param name="workspace">Made for this network; one per thread.</param>
    /// <exception cref="ArgumentException">A wrong length, or another network's workspace; thrown before any work.</exception>
    /// <exception cref="InvalidOperationException">Another thread is using the workspace.</exception>
    public void Predict(ReadOnlySpan<float> x, Span<float> scores, Workspace workspace)
    {
        CheckSample(x.Length);
        CheckScores(scores.Length);
        PredictBatch(new ReadOnlyMatrixView(x, 1, Inputs), new MatrixView(scores, 1, Outputs), workspace);
    }

    /// <summary>The scores of one sample of bytes, such as grey pixels, as they are: of a network that takes raw values (<see cref="FoldInputs"/>). Allocates nothing once warm.</summary>
    /// <inheritdoc cref="Predict(ReadOnlySpan{float}, Span{float}, Workspace)" path="/param" />
    /// <inheritdoc cref="Predict(ReadOnlySpan{float}, Span{float}, Workspace)" path="/exception" />
    public void Predict(ReadOnlySpan<byte> x, Span<float> scores, Workspace workspace)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        CheckSample(x.Length);
        CheckScores(scores.Length);
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

    /// <summary>The scores of one sample in memory of the caller's, such as its stack: nothing to make or to dispose. Any thread, no locks; allocates nothing once warm.</summary>
    /// <param name="x">The sample [Inputs].</param>
    /// <param name="scores">Receives the output layer's activations [Outputs].</param>
    /// <param name="workspace">At least <see cref="WorkspaceLength"/> floats of any content, overwritten; overlaps neither <paramref name="x"/> nor <paramref name="scores"/>.</param>
    /// <exception cref="ArgumentException">A wrong length; thrown before any work.</exception>
    public void Predict(ReadOnlySpan<float> x, Span<float> scores, Span<float> workspace)
    {
        CheckSample(x.Length);
        CheckScores(scores.Length);
        CheckMemory(workspace.Length);
        Forward(new ReadOnlyMatrixView(x, 1, Inputs), new MatrixView(scores, 1, Outputs), KernelContext.Serial, new PredictionMemory(this, 1, workspace));
    }

    /// <summary>The same for a sample of bytes.</summary>
    /// <inheritdoc cref="Predict(ReadOnlySpan{float}, Span{float}, Span{float})" path="/param" />
    /// <inheritdoc cref="Predict(ReadOnlySpan{float}, Span{float}, Span{float})" path="/exception" />
    public void Predict(ReadOnlySpan<byte> x, Span<float> scores, Span<float> workspace)
    {
        CheckSample(x.Length);
        CheckScores(scores.Length);
        CheckMemory(workspace.Length);
        Forward(x, scores, KernelContext.Serial, new PredictionMemory(this, 1, workspace));
    }

    /// <summary>The index of one sample's highest score; the lowest such index. Allocates nothing once warm.</summary>
    /// <param name="x">The sample [Inputs].</param>
    /// <param name="workspace">Made for this network; one per thread.</param>
    /// <exception cref="ArgumentException">A wrong length, or another network's workspace; thrown before any work.</exception>
    /// <exception cref="InvalidOperationException">Another thread is using the workspace.</exception>
    public int PredictLabel(ReadOnlySpan<float> x, Workspace workspace)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        CheckSample(x.Length);
        workspace.Enter();
        try
        {
            workspace.CheckFits(this, rows: 1);
            Span<float> scores = workspace.LabelScores;
            Forward(new ReadOnlyMatrixView(x, 1, Inputs), new MatrixView(scores, 1, Outputs), workspace.Context, new PredictionMemory(this, 1, workspace.Memory));
            return TensorPrimitives.IndexOfMax((ReadOnlySpan<float>)scores);
        }
        finally
        {
            workspace.Leave();
        }
    }

    /// <summary>The same for a sample of bytes.</summary>
    /// <inheritdoc cref="PredictLabel(ReadOnlySpan{float}, Workspace)" path="/param" />
    /// <inheritdoc cref="PredictLabel(ReadOnlySpan{float}, Workspace)" path="/exception" />
    public int PredictLabel(ReadOnlySpan<byte> x, Workspace workspace)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        CheckSample(x.Length);
        workspace.Enter();
        try
        {
            Span<float> scores = workspace.LabelScores;
            Forward(x, scores, workspace);
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
            Forward(x, scores, workspace.Context, new PredictionMemory(this, x.Rows, workspace.Memory));
        }
        finally
        {
            workspace.Leave();
        }
    }

    private void Forward(ReadOnlySpan<byte> x, Span<float> scores, Workspace workspace)
    {
        workspace.CheckFits(this, rows: 1);
        Forward(x, scores, workspace.Context, new PredictionMemory(this, 1, workspace.Memory));
    }

    private void Forward(ReadOnlySpan<byte> x, Span<float> scores, KernelContext context, PredictionMemory memory)
    {
        MatrixView widened = memory.Inputs(Inputs);
        Bytes.Widen(context.Width, x, widened.Row(0));
        Forward(widened, new MatrixView(scores, 1, Outputs), context, memory);
    }

    private void Forward(ReadOnlyMatrixView x, MatrixView scores, KernelContext context, PredictionMemory memory)
    {
        ReadOnlyMatrixView current = x;
        if (InputBounds is not null)
        {
            MatrixView clipped = memory.Inputs(Inputs);
            InputBounds.Clip(x, clipped);
            current = clipped;
        }
        for (int i = 0; i < _layers.Length; i++)
        {
            Layer layer = _layers[i];
            MatrixView next = i == _layers.Length - 1 ? scores : memory.Activations(i, layer.Outputs);
            if (x.Rows <= FewRows || layer.Precision != WeightPrecision.Float32 || !layer.HasWeights) layer.Activation.Forward(context, current, layer.Packed, layer.Bias, next);
            else layer.Activation.Forward(context, current, layer.Weights, layer.Bias, next);
            current = next;
        }
    }

    private void CheckSample(int x)
    {
        if (x != Inputs) throw new ArgumentException($"The sample has {x} values, the network takes {Inputs}.", nameof(x));
    }

    private void CheckScores(int scores)
    {
        if (scores != Outputs) throw new ArgumentException($"There is room for {scores} scores, the network gives {Outputs}.", nameof(scores));
    }

    private void CheckMemory(int workspace)
    {
        if (workspace < WorkspaceLength) throw new ArgumentException($"The workspace has {workspace} floats, the network needs {WorkspaceLength}.", nameof(workspace));
    }
}
