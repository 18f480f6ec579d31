using Lpom.Cli.Training;

namespace Lpom.Cli.Distributed;

/// <summary>
/// Ends this rank with a word on why when it was told to end, as launchers do when a rank is lost, and waits for the others in vain: a call
/// that waits cannot be ended otherwise, and the launcher ends what does not end by itself.
/// </summary>
internal sealed class LostRankWatch : IDisposable
{
    // Launchers give a second.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500), Period = TimeSpan.FromMilliseconds(50);

    private readonly MpiCommunicator _ranks;
    private readonly Interruption _interruption;
    private readonly Action _lost;
    private Timer? _timer;

    /// <param name="ranks">Those that this one may wait for.</param>
    /// <param name="interruption">Of the run.</param>
    /// <param name="lost">Says what happened.</param>
    public LostRankWatch(MpiCommunicator ranks, Interruption interruption, Action lost)
    {
        (_ranks, _interruption, _lost) = (ranks, interruption, lost);
        // Before the work ranks wait for the slowest to load and to begin, which says nothing of its steps.
        ranks.ForgetWaits();
        interruption.Signalled += Begin;
    }

    public void Dispose()
    {
        _interruption.Signalled -= Begin;
        _timer?.Dispose();
    }

    private void Begin(object? sender, EventArgs e) => _timer ??= new Timer(_ => Look(), null, Period, Period);

    private void Look()
    {
        // Longer than any time before, when the others were there.
        if (_interruption.IsHeeded || _ranks.Waiting < Patience + _ranks.LongestWait)
            return;
        _lost();
        Environment.Exit(ExitCodes.Failed);
    }
}
