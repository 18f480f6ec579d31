using System.Diagnostics;

namespace Lpom.Cli.Training.Display;

/// <summary>How fast a run goes: samples per second of its steps, lately, and the time that it still takes with all that is between steps.</summary>
internal sealed class Pace
{
    /// <summary>Of a new rate in the mean of those before.</summary>
    private const double Weight = 0.2;

    private readonly long _start = Stopwatch.GetTimestamp();
    private long _steps;
    private long _mark;
    private long _rows;
    private long _ticks;

    public Pace() => _mark = _start;

    /// <summary>0 when it is not known yet.</summary>
    public double SamplesPerSecond { get; private set; }

    /// <summary>Takes in a step that ends now.</summary>
    public void Step(int rows, long now)
    {
        _steps++;
        _rows += rows;
        _ticks += now - _mark;
        _mark = now;
    }

    /// <summary>The time until now is no step's.</summary>
    public void Pause(long now) => _mark = now;

    /// <summary>Takes the steps since the last time into <see cref="SamplesPerSecond"/>.</summary>
    public void Update()
    {
        if (_ticks == 0)
            return;
        double rate = _rows * (double)Stopwatch.Frequency / _ticks;
        SamplesPerSecond = SamplesPerSecond == 0 ? rate : SamplesPerSecond + (Weight * (rate - SamplesPerSecond));
        (_rows, _ticks) = (0, 0);
    }

    /// <summary>Seconds that so many more steps take; null when it is not known yet.</summary>
    public double? SecondsFor(long steps, long now) =>
        _steps == 0 ? null : Stopwatch.GetElapsedTime(_start, now).TotalSeconds / _steps * steps;
}
