using Lpom.Simd.Training.State;

namespace Lpom.Simd.Training;

/// <summary>Tells a run that learns nothing: the mean loss over some steps stays many times above where it began.</summary>
internal struct LossWatch
{
    private const double GrowthFactor = 20;
    private const double MeanSteps = 50;

    // A mean above this part of what ends a run may be on its way there.
    private const double SuspectPart = 0.1;

    private double _mean;
    private double _scale;

    /// <summary>The first batch's loss, or the size of its targets if that is larger; 0 before there is one.</summary>
    public readonly double Scale => _scale;

    /// <summary>Whether the mean loss is so far above where it began that the weights may be spoilt.</summary>
    public readonly bool IsSuspect => _mean > SuspectPart * GrowthFactor * _scale;

    /// <summary>A watch without a past, for weights that the losses so far say nothing of; it measures them by the same scale.</summary>
    public readonly LossWatch Anew() => new() { _scale = _scale };

    public void VisitState(IStateVisitor state)
    {
        state.Visit(ref _mean);
        state.Visit(ref _scale);
    }

    /// <summary>Takes a step's loss; true when the run has diverged.</summary>
    /// <param name="loss">The mean loss per sample, finite.</param>
    /// <param name="targetSize">Half the mean square norm of a sample's targets.</param>
    public bool Diverges(double loss, double targetSize)
    {
        if (_scale == 0) _scale = Math.Max(loss, targetSize);
        if (_scale == 0) return false;
        _mean += (loss - _mean) / MeanSteps;
        return _mean > GrowthFactor * _scale;
    }
}
