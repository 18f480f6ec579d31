namespace Lpom.Cli;

/// <summary>The exit codes of every verb, as <c>--help</c> documents them.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    /// <summary>The work failed: training diverged, the disk is full, an error in the program.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage or bad input; nothing has been written.</summary>
    public const int BadInput = 2;

    /// <summary>Ended by Ctrl-C, SIGTERM or SIGHUP, after what there is was written.</summary>
    public const int Interrupted = 130;

    public const string Description =
        """
        Exit codes:
          0    done
          1    the work failed (training diverged, disk full)
          2    wrong usage or bad input; nothing was written
          130  interrupted; the model or the results so far were written first
        """;
}
