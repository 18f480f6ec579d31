using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Data;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Cli.Training.Checkpoints;

/// <summary>The checkpoints of a run: the one that it goes on from, checked before the work, and those that it writes.</summary>
internal sealed class RunCheckpoints : IDisposable
{
    private readonly CheckpointSettings _settings;
    private readonly CheckpointFolder _folder;
    private readonly RunIdentity _identity;

    private RunCheckpoints(CheckpointSettings settings, CheckpointFolder folder, RunIdentity identity) => (_settings, _folder, _identity) = (settings, folder, identity);

    /// <exception cref="BadInputException">The folder cannot be written, or is in use.</exception>
    public static RunCheckpoints Open(TrainSettings settings, Dataset data) =>
        new(settings.Checkpoint!, CheckpointFolder.Open(settings.Checkpoint!.Folder), RunIdentity.Of(settings, data));

    public CheckpointWriter Writer(Action<CheckpointReport> written, Action<string> failed) => new(_folder, _settings.Every, _identity, written, failed);

    /// <summary>Has a run go on from the newest checkpoint, if it is to.</summary>
    /// <exception cref="BadInputException">
    /// The checkpoint is of another run, or damaged, or there is an unfinished run's and the run is not to go on with it.
    /// </exception>
    public void Resume(TrainingRun run)
    {
        using FileStream? newest = _folder.OpenNewest(Messages.Note);
        if (newest is null)
        {
            if (_settings.Resumes)
                Messages.Note($"there is no checkpoint in {_folder.Name} yet: training starts at the beginning");
            return;
        }

        try
        {
            GoOn(run, newest);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new BadInputException($"{newest.Name}: the checkpoint cannot be used: {e.Message}", e);
        }
    }

    public void Dispose() => _folder.Dispose();

    private void GoOn(TrainingRun run, FileStream newest)
    {
        Checkpoint.Head head = Checkpoint.ReadHead(newest);
        if (!_settings.Resumes)
        {
            if (!head.IsOver)
                throw new BadInputException($"--checkpoint: {_folder.Name} holds a run that is not finished; go on with it by --resume, or give another folder");
            return;
        }

        if (_identity.DifferenceTo(head.Identity) is string difference)
            throw new BadInputException($"--resume: the run in {_folder.Name} is another one: {difference}; give its options, or another folder");
        if (head.Simd != (int)SimdLevel.Current)
            Messages.Note($"note: the checkpoint was made with SIMD {head.Simd}, this run has {(int)SimdLevel.Current}: the last digits will not be those of one run");
        run.Resume(newest);
    }
}
