namespace Lpom.Cli;

/// <summary>The input was good and the work failed: exit code 1, the message as one line on the standard error.</summary>
internal sealed class WorkFailedException(string message, Exception? inner = null) : Exception(message, inner);
