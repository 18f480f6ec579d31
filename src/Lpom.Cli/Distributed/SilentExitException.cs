namespace Lpom.Cli.Distributed;

/// <summary>The work ends here because of what another rank reports.</summary>
internal sealed class SilentExitException(int exitCode) : Exception("another rank tells why")
{
    public int ExitCode => exitCode;
}
