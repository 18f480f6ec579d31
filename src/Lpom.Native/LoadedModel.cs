using System.Runtime.CompilerServices;
using Lpom.Data;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Model;

namespace Lpom.Native;

/// <summary>A model that takes raw values, as <c>lpom predict</c> does. Immutable: any number of threads, no locks.</summary>
internal sealed unsafe class LoadedModel : HandleTarget
{
    /// <summary>Its name in messages.</summary>
    public const string Name = "model";

    // Batches of more rows are no faster; and a layer of them takes at most 4 MiB.
    private const int MaxRows = 64, MaxValues = 1 << 20;

    // 16 KiB: networks such as 784-1024-10. Wider ones take a workspace.
    private const int MaxStackFloats = 4096;
    private const int AlignmentFloats = AlignedBuffer.Alignment / sizeof(float);

    private readonly Workspace?[] _idle = new Workspace?[2 * Environment.ProcessorCount];
    private readonly int _rows;

    /// <summary>Folds the preprocessing that the metadata names into the first layer, and into an autoencoder's output, and packs the weights.</summary>
    /// <param name="source">The model as its file has it.</param>
    /// <exception cref="ModelFormatException">The metadata's preprocessing is not what it should be.</exception>
    /// <exception cref="ArgumentException">The weights are not finite once folded.</exception>
    public LoadedModel(Network source)
    {
        Source = source;
        Network = Preprocessing.Of(source) is { IsIdentity: false } preprocessing ? OnRawValues(source, preprocessing) : source;
        Network.Prepare();
        int widest = Math.Max(Network.Inputs, Network.Layers.Max(layer => layer.Outputs));
        _rows = Math.Clamp(MaxValues / widest, 1, MaxRows);
    }

    /// <inheritdoc />
    public override string Kind => Name;

    /// <summary>The model as its file has it: what is saved.</summary>
    public Network Source { get; }

    /// <summary>The network that takes raw values.</summary>
    public Network Network { get; }

    /// <summary>The scores of one sample. Allocates nothing; a network too wide for the stack keeps the workspaces that it has made.</summary>
    /// <param name="x">[Inputs].</param>
    /// <param name="scores">[Outputs].</param>
    [SkipLocalsInit]
    public void Predict(ReadOnlySpan<float> x, Span<float> scores)
    {
        int length = Network.WorkspaceLength;
        if (length > MaxStackFloats)
        {
            PredictInWorkspace(x, scores);
            return;
        }

        float* memory = stackalloc float[length + AlignmentFloats];
        nint past = (nint)memory & (AlignedBuffer.Alignment - 1);
        Network.Predict(x, scores, new Span<float>((byte*)memory + (AlignedBuffer.Alignment - past), length));
    }

    /// <summary>The scores of samples in rows, with the bits of <see cref="Predict"/>. Allocates nothing but workspaces, which are kept.</summary>
    /// <param name="x">[rows × Inputs].</param>
    /// <param name="rows">At least 0.</param>
    /// <param name="scores">[rows × Outputs].</param>
    public void PredictBatch(float* x, int rows, float* scores)
    {
        Workspace workspace = Take();
        int inputs = Network.Inputs, outputs = Network.Outputs;
        int count;
        for (int first = 0; first < rows; first += count)
        {
            count = Math.Min(_rows, rows - first);
            var samples = new ReadOnlySpan<float>(x + ((nint)first * inputs), count * inputs);
            var results = new Span<float>(scores + ((nint)first * outputs), count * outputs);
            Network.PredictBatch(new ReadOnlyMatrixView(samples, count, inputs), new MatrixView(results, count, outputs), workspace);
        }

        Keep(workspace);
    }

    private void PredictInWorkspace(ReadOnlySpan<float> x, Span<float> scores)
    {
        Workspace workspace = Take();
        Network.Predict(x, scores, workspace);
        Keep(workspace);
    }

    private Workspace Take()
    {
        foreach (ref Workspace? idle in _idle.AsSpan())
        {
            if (Interlocked.Exchange(ref idle, null) is { } workspace)
                return workspace;
        }

        return Workspace.For(Network, _rows);
    }

    private void Keep(Workspace workspace)
    {
        foreach (ref Workspace? idle in _idle.AsSpan())
        {
            if (Interlocked.CompareExchange(ref idle, workspace, null) is null)
                return;
        }

        workspace.Dispose();
    }

    private static Network OnRawValues(Network source, Preprocessing preprocessing)
    {
        Network network = preprocessing.FoldInto(source);
        bool isAutoencoder = source.Metadata.TryGetValue("task", out string? task) && task == "autoencode" && source.Inputs == source.Outputs;
        return isAutoencoder && ModelTrainer.CanTrain(source) ? preprocessing.FoldIntoOutput(network) : network;
    }
}
