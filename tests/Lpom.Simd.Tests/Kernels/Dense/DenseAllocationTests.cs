using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Tests.Support;
using static Lpom.Simd.Tests.Kernels.Dense.DenseReference;

namespace Lpom.Simd.Tests.Kernels.Dense;

[Collection(Allocations.Collection)]
public class DenseAllocationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void ASecondCallAllocatesNothingOnAnyThread(int threads)
    {
        using KernelContext context = new(threads);
        Matrix x = new(100, 260), w = new(300, 260), y = new(100, 300), g = new(300, 260), k = new(260, 260);
        foreach (Matrix matrix in new[] { x, w, y, g, k }) Fill(matrix.View);
        var packed = PackedMatrix.OfTransposed(w.View);
        Allocations.AssertNone(() => Step(context, x, w, y, g, k));
        Allocations.AssertNone(() =>
        {
            PackedProduct.Multiply(context, x.View, packed, y.View, default(IdentityEpilogue));
            PackedProduct.Multiply(context, x.Top(1), packed, y.Top(1), default(IdentityEpilogue));
        });
    }

    private static void Step(KernelContext context, Matrix x, Matrix w, Matrix y, Matrix g, Matrix k)
    {
        Gemm.Multiply(context, GemmForm.NT, x.View, w.View, y.View);
        Gemm.Multiply(context, GemmForm.TN, y.View, x.View, g.View);
        Gemm.Multiply(context, GemmForm.NN, y.View, w.View, x.View, 1e-4f);
        Syrk.Gram(context, x.View, k.View, transposed: true, 1e-4f);
        for (int i = 0; i < k.Rows; i++) k.View[i, i] += 1;
        Assert.True(Cholesky.Factor(context, k.View).Success);
        Cholesky.SolveRight(context, k.View, g.View);
    }

    private static void Fill(MatrixView view)
    {
        Func<int, int, float> noise = Noise(1);
        for (int row = 0; row < view.Rows; row++)
        {
            for (int col = 0; col < view.Cols; col++) view[row, col] = noise(row, col) / 10;
        }
    }
}
