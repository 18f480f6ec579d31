using System.Runtime.InteropServices;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Training.Distributed;

namespace Lpom.Simd.Training.Streaming.Stages;

/// <summary>What passes between ranks whose layers are neighbours: activations Xⁱ up, pulls down, and what became of the batches to all.</summary>
internal sealed class LayerExchange
{
    private const int FiguresOfBatch = 2, FiguresOfLayer = 2;

    private readonly ICommunicator _ranks;
    private readonly NetworkPart _part;
    private readonly RankGroup _group;
    private readonly int _figures;
    private readonly double[] _shared;

    /// <param name="ranks">All ranks.</param>
    /// <param name="part">The layers of this one.</param>
    /// <param name="mostReports">The most that <see cref="Share"/> is given.</param>
    public LayerExchange(ICommunicator ranks, NetworkPart part, int mostReports)
    {
        (_ranks, _part, _group) = (ranks, part, new RankGroup(ranks));
        _figures = FiguresOfBatch + (FiguresOfLayer * part.Layers);
        _shared = new double[mostReports * _figures];
        _group.ReserveSum(_shared.Length);
    }

    /// <summary>X of this rank's first layer, from the rank below.</summary>
    public void ReceiveInput(BatchSlot slot)
    {
        if (!_part.HasFirst) _ranks.Receive(Bytes(slot.InputOf(_part.FirstLayer)), _ranks.Rank - 1);
    }

    /// <summary>φ(U) of this rank's last layer, to the rank above.</summary>
    public void SendOutput(BatchSlot slot)
    {
        if (!_part.HasLast) _ranks.Send(Bytes(slot.InputOf(_part.FirstLayer + _part.Count)), _ranks.Rank + 1);
    }

    /// <summary>The pull on this rank's last layer, from the rank above; or that nobody may learn from the batch.</summary>
    public void ReceivePull(BatchSlot slot)
    {
        if (_part.HasLast) return;
        Span<byte> isDead = stackalloc byte[1];
        _ranks.Receive(isDead, _ranks.Rank + 1);
        slot.IsDead = isDead[0] != 0;
        if (!slot.IsDead) _ranks.Receive(Bytes(slot.DeviationOf(_part.FirstLayer + _part.Count - 1)), _ranks.Rank + 1);
    }

    /// <summary>The same for the rank below.</summary>
    public void SendPull(BatchSlot slot)
    {
        if (_part.HasFirst) return;
        _ranks.Send([slot.IsDead ? (byte)1 : (byte)0], _ranks.Rank - 1);
        if (!slot.IsDead) _ranks.Send(Bytes(slot.DeviationOf(_part.FirstLayer - 1)), _ranks.Rank - 1);
    }

    /// <summary>Lets what was sent get on while this rank computes.</summary>
    public void Progress() => _ranks.Progress();

    /// <summary>Has what every rank knows of some batches reach all.</summary>
    /// <param name="reports">Of batches that all ranks are done with.</param>
    public void Share(ReadOnlySpan<BatchReport> reports)
    {
        Span<double> shared = _shared.AsSpan(0, reports.Length * _figures);
        shared.Clear();
        for (int i = 0; i < reports.Length; i++) Write(reports[i], shared.Slice(i * _figures, _figures));
        _group.Sum(shared);
        for (int i = 0; i < reports.Length; i++) Read(reports[i], shared.Slice(i * _figures, _figures));
    }

    // Each figure is one rank's; the others add zero.
    private void Write(BatchReport report, Span<double> figures)
    {
        if (_part.HasLast) (figures[0], figures[1]) = (report.Loss, report.Objective);
        for (int layer = _part.FirstLayer; layer < _part.FirstLayer + _part.Count; layer++)
        {
            Span<double> ofLayer = figures.Slice(FiguresOfBatch + (FiguresOfLayer * layer), FiguresOfLayer);
            (ofLayer[0], ofLayer[1]) = (report.Residuals[layer], (double)report.Found[layer].Kind);
        }
    }

    private static void Read(BatchReport report, ReadOnlySpan<double> figures)
    {
        (report.Loss, report.Objective) = (figures[0], figures[1]);
        for (int layer = 0; layer < report.Found.Length; layer++)
        {
            ReadOnlySpan<double> ofLayer = figures.Slice(FiguresOfBatch + (FiguresOfLayer * layer), FiguresOfLayer);
            report.Residuals[layer] = ofLayer[0];
            var kind = (DivergenceKind)(int)ofLayer[1];
            report.Found[layer] = kind == DivergenceKind.None ? default : new Divergence(kind, layer + 1, 0);
        }
    }

    // Both ends have the same shape, and so the same stride.
    private static Span<byte> Bytes(MatrixView matrix) => MemoryMarshal.AsBytes(matrix.Memory);
}
