namespace Lpom.Cli.Distributed;

/// <summary>The work of every rank ends here, and one of them has said why.</summary>
internal sealed class SilentExitException(int exitCode) : Exception("one of the ranks has said why")
{
    public int ExitCode => exitCode;
}
