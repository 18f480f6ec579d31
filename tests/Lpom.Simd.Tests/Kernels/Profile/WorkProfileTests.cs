using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Profile;
using Lpom.Simd.Tests.Model;
using Lpom.Simd.Tests.Support;
using Lpom.Simd.Training.Paper;

namespace Lpom.Simd.Tests.Kernels.Profile;

[Collection(Allocations.Collection)]
public class WorkProfileTests
{
    private const int Batch = 100, Inputs = 150;

    private static readonly Arbitrary<(int M, int N, int K, int Threads)> Products = (
        from m in Gen.Choose(1, 130)
        from n in Gen.Choose(1, 130)
        from k in Gen.Choose(1, 300)
        from threads in Gen.Choose(1, 3)
        select (m, n, k, threads)).ToArbitrary();

    [Fact]
    public void A_product_has_twice_its_multiply_adds_and_a_gram_matrix_the_half_that_is_computed() => Properties.Hold(Products, c =>
    {
        using KernelContext context = new(c.Threads);
        WorkProfile profile = context.AttachProfile();
        Matrix a = new(c.M, c.K), b = new(c.K, c.N), bTransposed = new(c.N, c.K), product = new(c.M, c.N), gram = new(c.K, c.K);
        Gemm.Multiply(context, GemmForm.NN, a.View, b.View, product.View);
        Assert.Equal(2L * c.M * c.N * c.K, profile.Flops);
        Gemm.Multiply(context, GemmForm.NT, a.View, bTransposed.View, product.View);
        Assert.Equal(4L * c.M * c.N * c.K, profile.Flops);
        profile.Clear();
        Syrk.Gram(context, a.View, gram.View, transposed: true);
        Assert.Equal((long)c.K * c.K * c.M, profile.Flops);
    }, count: 50);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_shares_of_training_steps_make_up_the_whole(int threads)
    {
        using PaperTrainer trainer = NewTrainer(threads);
        WorkProfile profile = trainer.AttachProfile();
        Train(trainer, steps: 2);
        for (int repetition = 0; repetition < 5; repetition++)
        {
            profile.Clear();
            long start = Stopwatch.GetTimestamp();
            Train(trainer, steps: 3);
            WorkShares shares = profile.Shares(Stopwatch.GetTimestamp() - start);
            Assert.All([shares.Product, shares.Packing, shares.Elementwise, shares.Other], share => Assert.InRange(share, double.Epsilon, 1));
            Assert.InRange(shares.Waiting, threads == 1 ? 0 : double.Epsilon, threads == 1 ? 0 : 1);
            Assert.Equal(1, shares.Product + shares.Elementwise + shares.Waiting + shares.Other, 12);
            Assert.True(shares.Packing < shares.Product);
            Assert.True(profile.ProductGflops > 0);
        }
    }

    [Fact]
    public void Workers_without_a_part_wait()
    {
        const int Threads = 4;
        using KernelContext context = new(Threads);
        WorkProfile profile = context.AttachProfile();
        Matrix small = new(8, 8);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 1000; i++) Map.Unary(context, default(Double), small.View, small.View);
        WorkShares shares = profile.Shares(Stopwatch.GetTimestamp() - start);
        Assert.Equal((Threads - 1.0) / Threads, shares.Waiting, 12);
        Assert.Equal((0, 0), (shares.Product, shares.Packing));
        Assert.InRange(shares.Elementwise, double.Epsilon, 1.0 / Threads);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Counting_changes_no_bit_and_allocates_nothing(int threads)
    {
        using PaperTrainer plain = NewTrainer(threads), counted = NewTrainer(threads);
        counted.AttachProfile();
        Train(plain, steps: 3);
        Train(counted, steps: 3);
        Assert.Equal(ModelFiles.Bytes(plain.ToNetwork()), ModelFiles.Bytes(counted.ToNetwork()));
        Matrix inputs = RandomInputs(0);
        int[] labels = Labels();
        Allocations.AssertNone(() => counted.Step(inputs.View, labels));
    }

    // Wide enough for the team, and for solves with more than a block.
    private static PaperTrainer NewTrainer(int threads) =>
        new(PredictionTests.RandomNetwork([Inputs, 257, 130, 10], bias: false), new PaperOptions { Threads = threads, MaxBatch = Batch });

    private static void Train(PaperTrainer trainer, int steps)
    {
        for (int step = 0; step < steps; step++) Assert.False(trainer.Step(RandomInputs((ulong)step).View, Labels()).Diverged);
    }

    private static Matrix RandomInputs(ulong seed) => PredictionTests.RandomMatrix(Batch, Inputs, seed);

    private static int[] Labels() => [.. Enumerable.Range(0, Batch).Select(i => i % 10)];

    private readonly struct Double : IUnaryOperator
    {
        public TV Apply<TW, TV>(TV x)
            where TW : struct, Simd.Kernels.Width.ISimdWidth<TV>
            where TV : struct => TW.Add(x, x);
    }
}
