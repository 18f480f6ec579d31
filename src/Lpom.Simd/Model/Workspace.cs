using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Model;

/// <summary>The memory that predictions need, allocated once. For one thread at a time; a network may have many.</summary>
public sealed class Workspace : IDisposable
{
    private readonly AlignedBuffer _memory;
    private readonly AlignedBuffer _labelScores;
    private readonly int _inputs;
    private readonly int _widest;
    private readonly int _outputs;
    private int _busy;

    private Workspace(Network network, int maxBatch, int threads)
    {
        MaxBatch = maxBatch;
        _inputs = network.Inputs;
        _widest = network.WidestOutput;
        _outputs = network.Outputs;
        _memory = new AlignedBuffer(PredictionMemory.Length(network, maxBatch));
        _labelScores = new AlignedBuffer(_outputs);
        Context = new KernelContext(threads);
    }

    /// <summary>The most samples of one batch.</summary>
    public int MaxBatch { get; }

    internal KernelContext Context { get; }

    internal Span<float> Memory => _memory.Span;

    internal Span<float> LabelScores => _labelScores.Span;

    /// <summary>Allocates a workspace for a network, and prepares the network's weights for small batches if no workspace has done so before.</summary>
    /// <param name="network">The network; networks of the same layers' widths may use it too.</param>
    /// <param name="maxBatch">The most samples of one batch, from 1.</param>
    /// <param name="threads">Threads of one batch; 0 for one per processor.</param>
    /// <exception cref="ArgumentOutOfRangeException">No samples, or negative threads.</exception>
    /// <exception cref="OverflowException">A batch of 2³¹ values or more.</exception>
    public static Workspace For(Network network, int maxBatch, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBatch);
        if (maxBatch <= Network.FewRows) network.Prepare();
        return new Workspace(network, maxBatch, threads);
    }

    /// <inheritdoc />
    public void Dispose() => Context.Dispose();

    /// <summary>Takes the workspace for one call; one atomic operation.</summary>
    /// <exception cref="InvalidOperationException">Another thread has it.</exception>
    internal void Enter()
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0)
            throw new InvalidOperationException("The workspace is in use by another thread: make one for each.");
    }

    /// <summary>Gives the workspace back.</summary>
    internal void Leave() => Volatile.Write(ref _busy, 0);

    internal void CheckFits(Network network, int rows)
    {
        if (network.WidestOutput > _widest || network.Outputs != _outputs || network.Inputs != _inputs)
            throw new ArgumentException($"The workspace was made for another network than {network.Shape}.", nameof(network));
        if (rows > MaxBatch) throw new ArgumentException($"The batch has {rows} samples, the workspace room for {MaxBatch}.", nameof(rows));
    }
}
