using System.Numerics;
using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>Which groups of terms of a block of a row a product takes: a group is what a lane of 32 bits of the weights holds, a term or two.</summary>
internal unsafe interface ITermOrder
{
    /// <summary>How many groups one that is taken lies after the one before; the first after the −1st.</summary>
    /// <param name="step">Its step of <see cref="ListedTerms"/>.</param>
    static abstract nint Step(ushort* step);
}

/// <summary>All of them.</summary>
internal readonly unsafe struct AllTerms : ITermOrder
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Step(ushort* step) => 1;
}

/// <summary>
/// Those that are not zeros. Images, one-hot columns and the activations of ReLU are zeros for the most part, and weights that meet zeros need not be
/// read: a product takes as long as its terms that count.
/// </summary>
/// <remarks>A product of 0 and a finite weight leaves every sum as it is, so the result is that of <see cref="AllTerms"/>.</remarks>
internal readonly unsafe struct ListedTerms : ITermOrder
{
    /// <summary>Groups of a block at most.</summary>
    public const int MostGroups = 256;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Step(ushort* step) => *step;

    /// <summary>Lists the groups with terms that are not zeros, where that pays.</summary>
    /// <param name="a">The block.</param>
    /// <param name="terms">Its length, of at most <see cref="MostGroups"/> groups.</param>
    /// <param name="perGroup">Terms of a group.</param>
    /// <param name="steps">[MostGroups], overwritten.</param>
    /// <returns>How many; −1 where zeros are too few.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int TryList<TW, TV>(float* a, int terms, int perGroup, ushort* steps)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        int lanes = TW.Lanes, whole = terms - (terms % lanes), nonZeros = 0;
        for (int i = 0; i < whole; i += lanes) nonZeros += BitOperations.PopCount(TW.NonZeroLanes(TW.Load(a + i)));
        for (int i = whole; i < terms; i++) nonZeros += a[i] == 0 ? 0 : 1;
        if (4 * nonZeros > 3 * terms) return -1;
        int count = 0, last = -1;
        for (int i = 0; i < whole; i += lanes)
        {
            for (uint bits = TW.NonZeroLanes(TW.Load(a + i)); bits != 0; bits &= bits - 1)
                Add((i + BitOperations.TrailingZeroCount(bits)) / perGroup);
        }
        for (int i = whole; i < terms; i++)
        {
            if (a[i] != 0) Add(i / perGroup);
        }
        return count;

        // A group's second term comes right after its first.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Add(int group)
        {
            if (group == last) return;
            steps[count++] = (ushort)(group - last);
            last = group;
        }
    }

    /// <summary>Puts the groups' values side by side.</summary>
    /// <param name="groups">The block's.</param>
    /// <param name="steps">Of <see cref="TryList"/>.</param>
    /// <param name="count">Groups that are taken.</param>
    /// <param name="taken">[count], overwritten; may be the block's own memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gather<T>(T* groups, ushort* steps, int count, T* taken)
        where T : unmanaged
    {
        groups--;
        for (int i = 0; i < count; i++)
        {
            groups += steps[i];
            taken[i] = *groups;
        }
    }
}
