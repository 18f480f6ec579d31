using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>What a sum adds up, from an element on.</summary>
internal interface ITerms<TSelf>
    where TSelf : struct, ITerms<TSelf>
{
    TSelf Skip(nint rows, nint cols);

    TV Term<TW, TV>(nint col)
        where TW : struct, ISimdWidth<TV>
        where TV : struct;
}

/// <summary>op(x).</summary>
internal readonly unsafe struct UnaryTerms<TOp>(TOp op, Rows x) : ITerms<UnaryTerms<TOp>>
    where TOp : struct, IUnaryOperator
{
    public UnaryTerms<TOp> Skip(nint rows, nint cols) => new(op, x.Skip(rows, cols));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Term<TW, TV>(nint col)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => op.Apply<TW, TV>(TW.Load(x.Start + col));
}

/// <summary>op(x, y).</summary>
internal readonly unsafe struct BinaryTerms<TOp>(TOp op, Rows x, Rows y) : ITerms<BinaryTerms<TOp>>
    where TOp : struct, IBinaryOperator
{
    public BinaryTerms<TOp> Skip(nint rows, nint cols) => new(op, x.Skip(rows, cols), y.Skip(rows, cols));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Term<TW, TV>(nint col)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => op.Apply<TW, TV>(TW.Load(x.Start + col), TW.Load(y.Start + col));
}

/// <summary>A sum: four float accumulators over a block hide the latency of the addition, blocks add up in double.</summary>
internal readonly struct SumBody<TTerms>(TTerms terms) : IReduceBody<SumBody<TTerms>>
    where TTerms : struct, ITerms<TTerms>
{
    public static double Empty => 0.0;

    public static double Combine(double a, double b) => a + b;

    public SumBody<TTerms> Skip(nint rows, nint cols) => new(terms.Skip(rows, cols));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Block<TW, TV>(nint count)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        // The accumulators take turns; the operator stands here once, however long it is.
        TV a = TW.Zero, b = TW.Zero, c = TW.Zero, d = TW.Zero;
        nint i = 0;
        for (; i <= count - TW.Lanes; i += TW.Lanes)
        {
            TV next = TW.Add(a, terms.Term<TW, TV>(i));
            a = b;
            b = c;
            c = d;
            d = next;
        }
        double sum = TW.Sum(TW.Add(TW.Add(a, b), TW.Add(c, d)));
        return i < count ? sum + Tail(i, count) : sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private double Tail(nint start, nint count)
    {
        double sum = 0.0;
        for (nint i = start; i < count; i++) sum += terms.Term<WidthScalar, float>(i);
        return sum;
    }
}

/// <summary>The largest |x|, or NaN when there is one.</summary>
internal readonly unsafe struct MaxAbsBody(Rows x) : IReduceBody<MaxAbsBody>
{
    public static double Empty => 0.0;

    public static double Combine(double a, double b) => Math.Max(a, b);

    public MaxAbsBody Skip(nint rows, nint cols) => new(x.Skip(rows, cols));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Block<TW, TV>(nint count)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        // Max may lose a NaN that it meets, so the lanes that held only numbers are kept beside it.
        TV max = TW.Zero;
        TV numbers = TW.Equal(TW.Zero, TW.Zero);
        nint i = 0;
        for (; i <= count - TW.Lanes; i += TW.Lanes)
        {
            TV v = TW.Load(x.Start + i);
            max = TW.Max(max, TW.Abs(v));
            numbers = TW.And(numbers, TW.Equal(v, v));
        }
        double result = Lanes.AllSet<TW, TV>(numbers) ? TW.MaxLane(max) : double.NaN;
        for (; i < count; i++) result = Math.Max(result, Math.Abs(x.Start[i]));
        return result;
    }
}

/// <summary>1 when every element is finite, else 0.</summary>
internal readonly unsafe struct AllFiniteBody(Rows x) : IReduceBody<AllFiniteBody>
{
    public static double Empty => 1.0;

    public static double Combine(double a, double b) => Math.Min(a, b);

    public AllFiniteBody Skip(nint rows, nint cols) => new(x.Skip(rows, cols));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Block<TW, TV>(nint count)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        TV finite = TW.Equal(TW.Zero, TW.Zero);
        TV infinity = TW.Broadcast(float.PositiveInfinity);
        nint i = 0;
        for (; i <= count - TW.Lanes; i += TW.Lanes) finite = TW.And(finite, TW.LessThan(TW.Abs(TW.Load(x.Start + i)), infinity));
        bool all = Lanes.AllSet<TW, TV>(finite);
        for (; i < count; i++) all &= float.IsFinite(x.Start[i]);
        return all ? 1.0 : 0.0;
    }
}
