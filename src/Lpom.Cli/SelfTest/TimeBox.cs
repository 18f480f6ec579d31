using System.Diagnostics;

namespace Lpom.Cli.SelfTest;

/// <summary>A stretch of time from its making on.</summary>
internal readonly struct TimeBox(TimeSpan length)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Whether the time has passed.</summary>
    public bool IsOver => Stopwatch.GetElapsedTime(_start) >= length;
}
