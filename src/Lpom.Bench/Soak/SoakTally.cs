namespace Lpom.Bench.Soak;

/// <summary>What the workers of a soak count, together.</summary>
internal sealed class SoakTally
{
    private long _steps, _predictions, _files, _cancellations, _online, _wrong, _allocating, _allocatedBytes;

    public long Steps => Interlocked.Read(ref _steps);

    public long Predictions => Interlocked.Read(ref _predictions);

    /// <summary>Saved, loaded and compared.</summary>
    public long Files => Interlocked.Read(ref _files);

    public long Cancellations => Interlocked.Read(ref _cancellations);

    /// <summary>Networks handed out while predictions went on.</summary>
    public long Published => Interlocked.Read(ref _online);

    public long Wrong => Interlocked.Read(ref _wrong);

    /// <summary>Steps and predictions after which the thread had more bytes than before.</summary>
    public long Allocating => Interlocked.Read(ref _allocating);

    public long AllocatedBytes => Interlocked.Read(ref _allocatedBytes);

    public void AddSteps(long count) => Interlocked.Add(ref _steps, count);

    public void AddPredictions(long count) => Interlocked.Add(ref _predictions, count);

    public void AddFile() => Interlocked.Increment(ref _files);

    public void AddCancellation() => Interlocked.Increment(ref _cancellations);

    public void AddPublished() => Interlocked.Increment(ref _online);

    /// <summary>Counts an answer that is not what it was before, and says the first ones.</summary>
    public void AddWrong(string what)
    {
        if (Interlocked.Increment(ref _wrong) <= 10)
            Console.Error.WriteLine($"soak: wrong: {what}");
    }

    /// <summary>Counts the bytes of a call that is to allocate none.</summary>
    public void AddBytes(in AllocationMark before)
    {
        long bytes = before.Bytes;
        if (bytes == 0)
            return;
        Interlocked.Increment(ref _allocating);
        Interlocked.Add(ref _allocatedBytes, bytes);
    }
}
