using System.IO.Hashing;
using System.Text;
using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Cli.Training;
using Lpom.Cli.Training.Checkpoints;
using Lpom.Data;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Cli.Distributed;

/// <summary>A run of several ranks: they go on together or not at all, and the first speaks and writes for all.</summary>
internal sealed class RankedWork : IDisposable
{
    private readonly MpiCommunicator _ranks;
    private LostRankWatch? _watch;

    private RankedWork(MpiCommunicator ranks) => _ranks = ranks;

    public MpiCommunicator Ranks => _ranks;

    /// <summary>Whether this rank speaks and writes.</summary>
    public bool IsFirst => _ranks.Rank == 0;

    /// <summary>Joins the job that this process is one of.</summary>
    /// <exception cref="BadInputException">It is of none, or its MPI library is not to be had.</exception>
    public static RankedWork Join(Distribution distribution)
    {
        string option = $"--distributed {TrainSettings.NameOf(distribution)}";
        MpiJob job = MpiJob.Find() ?? throw new BadInputException($"{option}: no launcher started this process; start it by mpirun -np N lpom train … {option}");
        return new RankedWork(MpiCommunicator.Open(job));
    }

    /// <summary>The settings of this rank: the others write nothing and say nothing.</summary>
    public TrainSettings Of(TrainSettings settings) =>
        IsFirst ? settings : settings with { Json = false, Quiet = true, Log = null, Report = null };

    /// <summary>Does what every rank does by itself; when it fails on one, it does so on all, and the first of those that failed says why.</summary>
    public T AllOrNone<T>(Func<T> work)
    {
        T? result = default;
        Exception? problem = null;
        try
        {
            result = work();
        }
        catch (Exception e)
        {
            problem = e;
        }

        int[] failure = [problem is null ? 0 : _ranks.Size - _ranks.Rank];
        _ranks.Max(failure);
        if (failure[0] == 0)
            return result!;
        // Said before anyone can exit: a launcher ends the other ranks as soon as one has.
        if (problem is not null && failure[0] == _ranks.Size - _ranks.Rank)
            Messages.Error($"{Prefix}{problem.Message}");
        int[] exitCode = [problem is BadInputException or DataFormatException or DataNotFoundException ? ExitCodes.BadInput : problem is null ? 0 : ExitCodes.Failed];
        _ranks.Max(exitCode);
        throw new SilentExitException(exitCode[0]);
    }

    /// <summary>Checks that all ranks have the same program, vectors, options and data.</summary>
    /// <exception cref="BadInputException">They have not.</exception>
    public void CheckSame(TrainSettings settings, Dataset data)
    {
        RunIdentity identity = RunIdentity.Of(settings, data);
        (string Name, string Value)[] parts =
        [
            ("version of lpom", identity.Program),
            ("SIMD width (set LPOM_SIMD on all to the narrowest)", $"{SimdLevel.Current}"),
            ("options", string.Join(' ', identity.Options.Select(option => $"{option.Key} {option.Value}"))),
            ("data", $"{identity.Data} {identity.Digest} {identity.Meaning}"),
        ];
        byte[] own = [.. parts.SelectMany(part => XxHash128.Hash(Encoding.UTF8.GetBytes(part.Value)))], first = [.. own];
        _ranks.Broadcast(first, root: 0);
        _ = AllOrNone(() =>
        {
            int length = own.Length / parts.Length;
            for (int i = 0; i < parts.Length; i++)
            {
                if (!own.AsSpan(i * length, length).SequenceEqual(first.AsSpan(i * length, length)))
                    throw new BadInputException($"--distributed: expected the same {parts[i].Name} as rank 0 has; found {parts[i].Value}");
            }

            return true;
        });
    }

    /// <summary>Does what the ranks do together; when one of them cannot go on, it ends all.</summary>
    /// <param name="work">The work.</param>
    /// <param name="interruption">Of the run.</param>
    /// <param name="wayOn">How to go on with the run; null when there is no way.</param>
    public void Together(Action work, Interruption interruption, Func<string?> wayOn)
    {
        _watch = new LostRankWatch(_ranks, interruption, () => Say("waits for ranks that do not answer: one was lost, or the job is being ended", wayOn));
        try
        {
            work();
        }
        catch (Exception e)
        {
            Say(e.Message, wayOn);
            _ranks.Abort(ExitCodes.Failed);
        }
    }

    public void Dispose()
    {
        _watch?.Dispose();
        _ranks.Dispose();
    }

    private string Prefix => IsFirst ? "" : $"rank {_ranks.Rank}: ";

    private void Say(string message, Func<string?> wayOn) => Messages.Error($"rank {_ranks.Rank}: {message}{(wayOn() is string way ? $"; {way}" : "")}");
}
