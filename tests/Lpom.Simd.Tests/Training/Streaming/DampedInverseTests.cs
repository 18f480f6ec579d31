using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Simd.Tests.Training.Streaming;

public class DampedInverseTests
{
    private const int Samples = 500;

    [Theory]
    [InlineData(20)]
    [InlineData(383)]
    [InlineData(384)]
    [InlineData(500)]
    public void Applied_to_the_damped_matrix_it_gives_the_rows_back(int size)
    {
        using var context = new KernelContext(1);
        float lambda = Gram(context, size, out Matrix gram);
        DampedInverse inverse = Inverse(context, size, gram, lambda, refreshes: 3);
        Matrix x = PredictionTests.RandomMatrix(7, size, 3);
        var product = new Matrix(7, size);
        Gemm.Multiply(context, GemmForm.NN, x.View, Damped(gram, lambda).View, product.View);
        var back = new Matrix(7, size);
        inverse.Apply(context, product.View, back.View);
        // Directions outside of the subspace are off by e/λ of their eigenvalues.
        double tolerance = inverse is LowRankInverse ? 0.05 : 1e-3;
        double error = 0, norm = 0;
        for (int r = 0; r < 7; r++)
        {
            for (int c = 0; c < size; c++)
            {
                error += Math.Pow(back.View[r, c] - x.View[r, c], 2);
                norm += Math.Pow(x.View[r, c], 2);
            }
        }
        Assert.InRange(Math.Sqrt(error / norm), 0, tolerance);
    }

    [Fact]
    public void The_form_goes_by_the_size()
    {
        Assert.IsType<WholeInverse>(DampedInverse.Of(383));
        Assert.IsType<LowRankInverse>(DampedInverse.Of(384));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(500)]
    public void A_matrix_that_is_not_finite_is_reported(int size)
    {
        using var context = new KernelContext(1);
        float lambda = Gram(context, size, out Matrix gram);
        gram.View[size - 1, 0] = float.NaN;
        Assert.False(DampedInverse.Of(size).Refresh(context, gram.View, lambda));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(500)]
    public void A_matrix_of_zeros_leaves_the_damping_alone(int size)
    {
        using var context = new KernelContext(1);
        DampedInverse inverse = Inverse(context, size, new Matrix(size, size), 0.5f, refreshes: 2);
        Matrix x = PredictionTests.RandomMatrix(3, size, 3);
        var result = new Matrix(3, size);
        inverse.Apply(context, x.View, result.View);
        for (int c = 0; c < size; c++) Assert.Equal(2 * x.View[1, c], result.View[1, c], 0.03f);
    }

    private static DampedInverse Inverse(KernelContext context, int size, Matrix gram, float lambda, int refreshes)
    {
        DampedInverse inverse = DampedInverse.Of(size);
        inverse.Reserve(7);
        for (int i = 0; i < refreshes; i++)
        {
            var copy = new Matrix(size, size);
            gram.View.CopyTo(copy.View);
            Assert.True(inverse.Refresh(context, copy.View, lambda));
        }
        return inverse;
    }

    private static Matrix Damped(Matrix gram, float lambda)
    {
        var damped = new Matrix(gram.Rows, gram.Cols);
        gram.View.CopyTo(damped.View);
        for (int i = 0; i < gram.Rows; i++) damped.View[i, i] += lambda;
        return damped;
    }

    // The Gram matrix of samples whose columns mix a few strong directions and many weak ones, as activations' do.
    private static float Gram(KernelContext context, int size, out Matrix gram)
    {
        Matrix strength = PredictionTests.RandomMatrix(Samples, size, 8);
        for (int r = 0; r < Samples; r++)
        {
            for (int c = 0; c < size; c++) strength.View[r, c] /= 1 + (c / 8f);
        }
        var mixed = new Matrix(Samples, size);
        Gemm.Multiply(context, GemmForm.NN, strength.View, PredictionTests.RandomMatrix(size, size, 9).View, mixed.View);
        gram = new Matrix(size, size);
        Syrk.Gram(context, mixed.View, gram.View, transposed: true, alpha: 1f / Samples);
        double trace = 0;
        for (int i = 0; i < size; i++) trace += gram.View[i, i];
        return (float)(0.0033 * trace);
    }
}
