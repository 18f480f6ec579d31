using Lpom.Simd.Kernels.Random;

namespace Lpom.Simd.Tests.Kernels.Random;

public class RngTests
{
    [Fact]
    public void A_generator_without_a_seed_has_seed_0()
    {
        Rng unseeded = default;
        var zero = new Rng(0);
        Assert.Equal(zero.NextUInt64(), unseeded.NextUInt64());
        Assert.InRange(unseeded.NextInt(3), 0, 2);
    }

    [Fact]
    public void Xoshiro256StarStar_gives_the_published_sequence()
    {
        var rng = new Rng(1, 2, 3, 4);
        ulong[] expected =
        [
            11520, 0, 1509978240, 1215971899390074240, 1216172134540287360,
            607988272756665600, 16172922978634559625, 8476171486693032832, 10595114339597558777, 2904607092377533576,
        ];
        foreach (ulong value in expected)
            Assert.Equal(value, rng.NextUInt64());
    }

    [Fact]
    public void SplitMix64_gives_the_published_sequence()
    {
        ulong state = 1234567;
        ulong[] expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        foreach (ulong value in expected)
            Assert.Equal(value, Rng.SplitMix64(ref state));
    }

    [Fact]
    public void Equal_seeds_give_equal_sequences_and_streams_differ()
    {
        var a = new Rng(7, 3);
        var b = new Rng(7, 3);
        var otherStream = new Rng(7, 4);
        var otherSeed = new Rng(8, 3);
        ulong first = a.NextUInt64();
        Assert.Equal(first, b.NextUInt64());
        Assert.NotEqual(first, otherStream.NextUInt64());
        Assert.NotEqual(first, otherSeed.NextUInt64());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public void NextInt_is_uniform(int bound)
    {
        const int Draws = 60_000;
        var rng = new Rng(1);
        var counts = new int[bound];
        for (int i = 0; i < Draws; i++)
            counts[rng.NextInt(bound)]++;
        double expected = (double)Draws / bound;
        Assert.All(counts, count => Assert.InRange(count, expected - 5 * Math.Sqrt(expected), expected + 5 * Math.Sqrt(expected)));
    }

    [Fact]
    public void NextInt_is_unbiased_where_a_plain_product_is_not()
    {
        // 2³² / (3·2²⁹) = 8/3: without rejection, remainders 0, 1, 2 modulo 3 come as 3 : 3 : 2.
        const int Bound = 3 << 29, Draws = 30_000;
        var rng = new Rng(5);
        int lower = 0;
        for (int i = 0; i < Draws; i++)
            lower += rng.NextInt(Bound) % 3 == 0 ? 1 : 0;
        Assert.InRange(lower, Draws / 3 - 500, Draws / 3 + 500);
    }

    [Fact]
    public void NextInt_refuses_a_bound_below_one() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Rng(1).NextInt(0));

    [Fact]
    public void NextSingle_is_a_24_bit_number_below_one_with_mean_one_half()
    {
        var rng = new Rng(2);
        double sum = 0;
        for (int i = 0; i < 20_000; i++)
        {
            float value = rng.NextSingle();
            Assert.InRange(value, 0f, 1f - 1f / (1 << 24));
            Assert.Equal(MathF.Truncate(value * (1 << 24)), value * (1 << 24));
            sum += value;
        }

        Assert.InRange(sum / 20_000, 0.49, 0.51);
    }

    [Fact]
    public void NextGaussian_has_the_normal_moments()
    {
        const int Draws = 50_000;
        var rng = new Rng(3);
        double sum = 0, squares = 0, fourth = 0;
        for (int i = 0; i < Draws; i++)
        {
            double x = rng.NextGaussian();
            sum += x;
            squares += x * x;
            fourth += x * x * x * x;
        }

        Assert.InRange(sum / Draws, -0.025, 0.025);
        Assert.InRange(squares / Draws, 0.97, 1.03);
        Assert.InRange(fourth / Draws, 2.8, 3.2);
    }
}
