using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Data;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Training.Distributed;

namespace Lpom.Cli.Training.Checkpoints;

/// <summary>The checkpoints of a run: the one that it goes on from, checked before the work, and those that it writes.</summary>
internal sealed class RunCheckpoints : IDisposable
{
    private readonly CheckpointSettings _settings;
    private readonly CheckpointFolder? _folder;
    private readonly ICommunicator? _ranks;
    private readonly RunIdentity _identity;
    private readonly CheckpointParts? _parts;
    private readonly bool _isQuiet;
    private bool _hasResumed;
    private CheckpointWriter? _writer;

    private RunCheckpoints(CheckpointSettings settings, CheckpointFolder? folder, RunIdentity identity, bool isQuiet, ICommunicator? ranks, CheckpointParts? parts) =>
        (_settings, _folder, _identity, _isQuiet, _ranks, _parts) = (settings, folder, identity, isQuiet, ranks, parts);

    /// <summary>How to go on with a run that was interrupted.</summary>
    public string WayOn => _folder is null ? "the same command with --resume goes on from the last checkpoint of rank 0, if there is one" : _writer?.State switch
    {
        CheckpointState.Newest => "the same command with --resume goes on",
        CheckpointState.Earlier => "the same command with --resume goes on from an earlier checkpoint",
        _ => "there is no checkpoint to go on from",
    };

    /// <summary>What to do before a run that diverged is tried in another way; null when nothing is in its way.</summary>
    public string? WayOut => _writer is null or { State: CheckpointState.None } ? null : $"the run in {Name} stays unfinished: remove that folder, or give another --checkpoint";

    /// <exception cref="BadInputException">The folder cannot be written, or is in use.</exception>
    /// <param name="settings">Of the run.</param>
    /// <param name="data">Of the run.</param>
    /// <param name="ranks">The processes that train together, the first of which reads and writes; null for this one alone.</param>
    public static RunCheckpoints Open(TrainSettings settings, Dataset data, ICommunicator? ranks = null)
    {
        CheckpointFolder? folder = ranks is { Rank: > 0 } ? null : CheckpointFolder.Open(settings.Checkpoint!.Folder);
        return new(settings.Checkpoint!, folder, RunIdentity.Of(settings, data), settings.Quiet, ranks, settings.Distribution == Distribution.Layers ? new CheckpointParts(ranks!) : null);
    }

    /// <summary>Makes the writer of this run's checkpoints, after <see cref="Resume"/>.</summary>
    public CheckpointWriter Writer(Action<CheckpointReport> written, Action<string> failed) =>
        _writer = new(_folder, _settings.Every, _identity, written, failed, _hasResumed ? CheckpointState.Earlier : CheckpointState.None, _parts);

    /// <summary>Has a run go on from the newest checkpoint, if it is to.</summary>
    /// <returns>Whether it does.</returns>
    /// <exception cref="BadInputException">
    /// The checkpoint is of another run, or damaged, or there is an unfinished run's and the run is not to go on with it.
    /// </exception>
    public bool Resume(TrainingRun run)
    {
        string file = Name;
        try
        {
            using Stream? newest = OpenNewest(ref file);
            if (newest is not null)
                GoOn(run, newest);
            else if (_settings.Resumes)
                Note($"there is no checkpoint in {Name} yet: training starts at the beginning");
            return _hasResumed;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new BadInputException($"{file}: the checkpoint cannot be used: {e.Message}", e);
        }
    }

    public void Dispose() => _folder?.Dispose();

    private string Name => _folder?.Name ?? _settings.Folder;

    private Stream? OpenNewest(ref string file)
    {
        Stream? newest = null;
        BadInputException? problem = null;
        try
        {
            newest = _folder?.OpenNewest(Messages.Note, out file);
        }
        catch (BadInputException e)
        {
            // The other ranks wait to hear what there is.
            problem = e;
        }

        newest = Shared(newest);
        return problem is null ? newest : throw problem;
    }

    private Stream? Shared(Stream? newest)
    {
        if (_parts is not null)
            return _parts.Open(newest);
        return _ranks is null ? newest : SharedStream.Of(newest, _ranks);
    }

    private void Note(string note)
    {
        if (!_isQuiet)
            Messages.Note(note);
    }

    private void GoOn(TrainingRun run, Stream newest)
    {
        Checkpoint.Head head = Checkpoint.ReadHead(newest);
        if (!_settings.Resumes)
        {
            if (!head.IsOver)
                throw new BadInputException($"--checkpoint: {Name} holds a run that is not finished; go on with it by --resume, give another folder, or remove this one");
            return;
        }

        if (_identity.DifferenceTo(head.Identity) is string difference)
            throw new BadInputException($"--resume: the run in {Name} is another one: {difference}; give its options, or another folder");
        if (head.Simd != (int)SimdLevel.Current)
            Note($"note: the checkpoint was made with SIMD {head.Simd}, this run has {(int)SimdLevel.Current}: the last digits will not be those of one run");
        run.Resume(newest, head);
        _hasResumed = true;
    }
}
