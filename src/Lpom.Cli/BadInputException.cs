namespace Lpom.Cli;

/// <summary>Wrong usage or bad input: exit code 2, the message as one line on the standard error.</summary>
internal sealed class BadInputException(string message, Exception? inner = null) : Exception(message, inner);
