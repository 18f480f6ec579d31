using System.Runtime.CompilerServices;
using Lpom.Simd.Kernels.Threads;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>scale · (softmax − targets) row by row; without targets (a null start) scale · softmax.</summary>
internal readonly unsafe struct SoftmaxJob(Rows scores, Rows targets, Rows result, int cols, float scale, SimdWidth width)
    : ITeamJob
{
    public void Run(int worker, int first, int end)
    {
        Kernel kernel = new(this, first, end);
        SimdLevel.Run(width, ref kernel);
    }

    private readonly struct Kernel(SoftmaxJob job, int firstRow, int endRow) : IKernel
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TW, TV>()
            where TW : struct, ISimdWidth<TV>
            where TV : struct
        {
            for (int row = firstRow; row < endRow; row++) job.Row<TW, TV>(row);
        }
    }

    private void Row<TW, TV>(int row)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        if (cols == 0) return;
        Rows score = scores.Skip(row, 0);
        Rows output = result.Skip(row, 0);
        ShiftedExp exp = new(RowMax.Of<TW, TV>(score.Start, cols));
        new MapKernel<UnaryBody<ShiftedExp>>(new(exp, score, output), 1, cols).Run<TW, TV>();
        float factor = (float)(scale / RowSum.Of(output.Start, cols));
        if (targets.Start == null)
        {
            new MapKernel<UnaryBody<Scale>>(new(new Scale(factor), output, output), 1, cols).Run<TW, TV>();
            return;
        }
        AxpBy difference = new(factor, -scale);
        new MapKernel<BinaryBody<AxpBy>>(new(difference, output, targets.Skip(row, 0), output), 1, cols).Run<TW, TV>();
    }

    private readonly struct Scale(float factor) : IUnaryOperator
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TV Apply<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => TW.Multiply(TW.Broadcast(factor), x);
    }
}

/// <summary>e^(x − shift).</summary>
internal readonly struct ShiftedExp(float shift) : IUnaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Apply<TW, TV>(TV x)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => SimdMath.Exp<TW, TV>(TW.Subtract(x, TW.Broadcast(shift)));
}

/// <summary>The largest element of a row of at least one; a NaN may be lost, as the exponentials meet it again.</summary>
internal static unsafe class RowMax
{
    public static float Of<TW, TV>(float* x, nint count)
        where TW : struct, ISimdWidth<TV>
        where TV : struct
    {
        float max = float.NegativeInfinity;
        nint i = 0;
        if (count >= TW.Lanes)
        {
            TV lanes = TW.Load(x);
            for (i = TW.Lanes; i <= count - TW.Lanes; i += TW.Lanes) lanes = TW.Max(lanes, TW.Load(x + i));
            max = TW.MaxLane(lanes);
        }
        for (; i < count; i++) max = WidthScalar.Max(max, x[i]);
        return max;
    }
}

/// <summary>The sum of a row in double, in an order that does not depend on the vector width.</summary>
internal static unsafe class RowSum
{
    public static double Of(float* x, nint count)
    {
        double a = 0.0, b = 0.0, c = 0.0, d = 0.0;
        nint i = 0;
        for (; i <= count - 4; i += 4)
        {
            a += x[i];
            b += x[i + 1];
            c += x[i + 2];
            d += x[i + 3];
        }
        for (; i < count; i++) a += x[i];
        return (a + b) + (c + d);
    }
}
