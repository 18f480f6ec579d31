using System.Diagnostics.CodeAnalysis;

namespace Lpom.Native;

/// <summary>
/// The handles that are given out: never an address, but a serial number and an index here, so that any value can be checked without
/// reading what it points to, and that of a handle that was freed is never given out again.
/// </summary>
/// <remarks>Finding takes no lock. What is found stays whole, freed meanwhile or not: the caller holds a reference to it.</remarks>
internal static class HandleTable
{
    private const int IndexBits = 24;
    private const nint IndexMask = (1 << IndexBits) - 1;

    private static readonly Lock Changes = new();
    private static readonly Stack<int> Vacant = new();
    private static int _used;
    private static nint _serial;
    private static HandleTarget?[] _targets = new HandleTarget?[16];

    /// <summary>Gives out a handle.</summary>
    /// <exception cref="InvalidOperationException">There are 2²⁴ handles.</exception>
    public static nint Add(HandleTarget target)
    {
        lock (Changes)
        {
            int index = Vacant.TryPop(out int vacant) ? vacant : _used++;
            if (index > IndexMask)
                throw new InvalidOperationException($"there are {IndexMask + 1} models and trainers: some are never freed");
            if (index == _targets.Length)
                Grow();
            target.Handle = (++_serial << IndexBits) | (nint)index;
            Volatile.Write(ref _targets[index], target);
            return target.Handle;
        }
    }

    /// <summary>Finds what a handle stands for. Any value will do; when it is none of ours, the last error says so.</summary>
    /// <param name="handle">The argument.</param>
    /// <param name="kind">What it should stand for, and what the parameter is called.</param>
    /// <param name="target">What it stands for.</param>
    public static bool TryFind<TTarget>(nint handle, string kind, [NotNullWhen(true)] out TTarget? target)
        where TTarget : HandleTarget
    {
        HandleTarget?[] targets = Volatile.Read(ref _targets);
        nint index = handle & IndexMask;
        HandleTarget? found = index < targets.Length ? targets[index] : null;
        target = found?.Handle == handle ? found as TTarget : null;
        if (target is null)
            Explain(handle, kind, found);
        return target is not null;
    }

    /// <summary>Takes a handle back, once; false, and the last error, when it is none of ours.</summary>
    /// <inheritdoc cref="TryFind{TTarget}(nint, string, out TTarget)" path="/param" />
    public static bool TryRemove<TTarget>(nint handle, string kind, [NotNullWhen(true)] out TTarget? target)
        where TTarget : HandleTarget
    {
        lock (Changes)
        {
            if (!TryFind(handle, kind, out target))
                return false;
            int index = (int)(handle & IndexMask);
            Volatile.Write(ref _targets[index], null);
            Vacant.Push(index);
            return true;
        }
    }

    private static void Grow()
    {
        HandleTarget?[] larger = new HandleTarget?[_targets.Length * 2];
        _targets.CopyTo(larger, 0);
        Volatile.Write(ref _targets, larger);
    }

    private static void Explain(nint handle, string kind, HandleTarget? found) =>
        LastError.BadArgument(
            handle == 0 ? $"{kind} is NULL"
            : found?.Handle == handle ? $"{kind} is the handle of a {found.Kind}"
            : $"{kind} is no handle that was given out, or it has been freed");
}
