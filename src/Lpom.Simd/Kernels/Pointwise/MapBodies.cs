using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>One input, one result.</summary>
internal readonly unsafe struct UnaryBody<TOp>(TOp op, Rows x, Rows result) : IMapBody<UnaryBody<TOp>>
    where TOp : struct, IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UnaryBody<TOp> Skip(nint rows, nint cols) =>
        new(op, x.Skip(rows, cols), result.Skip(rows, cols));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Compute<TW, TV>(nint col, out TV second)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        second = default;
        return op.Apply<TW, TV>(TW.Load(x.Start + col));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<TW, TV>(TV first, TV second, nint col)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.Store(first, result.Start + col);
}

/// <summary>Two inputs, one result.</summary>
internal readonly unsafe struct BinaryBody<TOp>(TOp op, Rows x, Rows y, Rows result) : IMapBody<BinaryBody<TOp>>
    where TOp : struct, IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BinaryBody<TOp> Skip(nint rows, nint cols) =>
        new(op, x.Skip(rows, cols), y.Skip(rows, cols), result.Skip(rows, cols));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Compute<TW, TV>(nint col, out TV second)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        second = default;
        return op.Apply<TW, TV>(TW.Load(x.Start + col), TW.Load(y.Start + col));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<TW, TV>(TV first, TV second, nint col)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.Store(first, result.Start + col);
}

/// <summary>Three inputs, one result.</summary>
internal readonly unsafe struct TernaryBody<TOp>(TOp op, Rows x, Rows y, Rows z, Rows result) : IMapBody<TernaryBody<TOp>>
    where TOp : struct, ITernaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TernaryBody<TOp> Skip(nint rows, nint cols) =>
        new(op, x.Skip(rows, cols), y.Skip(rows, cols), z.Skip(rows, cols), result.Skip(rows, cols));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Compute<TW, TV>(nint col, out TV second)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        second = default;
        return op.Apply<TW, TV>(TW.Load(x.Start + col), TW.Load(y.Start + col), TW.Load(z.Start + col));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<TW, TV>(TV first, TV second, nint col)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => TW.Store(first, result.Start + col);
}

/// <summary>Three inputs, two results.</summary>
internal readonly unsafe struct TernaryPairBody<TOp>(TOp op, Rows x, Rows y, Rows z, Rows result1, Rows result2) : IMapBody<TernaryPairBody<TOp>>
    where TOp : struct, ITernaryPairOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TernaryPairBody<TOp> Skip(nint rows, nint cols) =>
        new(op, x.Skip(rows, cols), y.Skip(rows, cols), z.Skip(rows, cols), result1.Skip(rows, cols), result2.Skip(rows, cols));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Compute<TW, TV>(nint col, out TV second)
        where TW : struct, ISimdWidth<TV>
        where TV : struct =>
        op.Apply<TW, TV>(TW.Load(x.Start + col), TW.Load(y.Start + col), TW.Load(z.Start + col), out second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<TW, TV>(TV first, TV second, nint col)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TW.Store(first, result1.Start + col);
        TW.Store(second, result2.Start + col);
    }
}
