namespace Lpom.Simd.Training.Online;

/// <summary>What a step may take, by those before it: the longest, of which a sixteenth is forgotten at every turn, and at least the shortest.</summary>
internal struct StepCost
{
    private const int Memory = 16;

    private long _longest;
    private long _shortest;

    /// <summary>In ticks of the stopwatch; 0 before the first step.</summary>
    public readonly long Ticks => Math.Max(_shortest, _longest);

    /// <summary>Takes in a step.</summary>
    /// <param name="ticks">What it took, positive.</param>
    public void Add(long ticks)
    {
        Forget();
        _longest = Math.Max(_longest, ticks);
        _shortest = _shortest == 0 ? ticks : Math.Min(_shortest, ticks);
    }

    /// <summary>A step that is put off because of its cost makes the next try likelier: one interruption must not end training.</summary>
    public void Forget() => _longest -= _longest / Memory;
}
