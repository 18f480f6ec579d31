using FsCheck.Fluent;
using Lpom.Data.Tests.Support;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;

namespace Lpom.Data.Tests;

public class PreprocessingTests
{
    [Fact]
    public void Bytes_and_floats_give_the_same_bits_and_the_formula_of_the_documentation() =>
        Property.Holds(
            from channels in Gen.Choose(1, 3)
            from pixels in Gen.Choose(0, 100)
            from scale in Gen.Choose(1, 1000)
            from offset in Gen.Choose(-1000, 1000)
            from seed in Gen.Choose(0, 255)
            select (channels, pixels, scale: scale / 777f, offset: offset / 333f, seed),
            c =>
            {
                float[] offsets = Enumerable.Range(1, c.channels).Select(i => c.offset * i).ToArray();
                var preprocessing = new Preprocessing(c.scale, offsets);
                byte[] raw = Enumerable.Range(0, c.channels * c.pixels).Select(i => (byte)(i * 31 + c.seed)).ToArray();
                var fromBytes = new float[raw.Length];
                float[] fromFloats = Array.ConvertAll(raw, b => (float)b);
                preprocessing.Apply(raw, fromBytes);
                preprocessing.Apply(fromFloats, fromFloats); // in place
                for (int i = 0; i < raw.Length; i++)
                {
                    // Both roundings of the documented formula, through double.
                    float product = (float)((double)raw[i] * c.scale);
                    float expected = (float)((double)product - offsets[i / c.pixels]);
                    if (BitConverter.SingleToInt32Bits(fromBytes[i]) != BitConverter.SingleToInt32Bits(expected)
                        || BitConverter.SingleToInt32Bits(fromFloats[i]) != BitConverter.SingleToInt32Bits(expected))
                        return false;
                }

                return true;
            });

    [Fact]
    public void Pixels_become_zero_to_one()
    {
        var row = new float[256];
        Preprocessing.UnitPixels.Apply(Enumerable.Range(0, 256).Select(i => (byte)i).ToArray(), row);
        Assert.Equal(0f, row[0]);
        Assert.Equal(1f, row[255]);
        Assert.Equal(row.Order(), row);
    }

    [Fact]
    public void Refuses_lengths_that_do_not_fit()
    {
        var three = new Preprocessing(1f, 1f, 2f, 3f);
        Assert.Throws<ArgumentException>(() => three.Apply(new byte[4], new float[4]));
        Assert.Throws<ArgumentException>(() => three.Apply(new float[3], new float[6]));
    }

    [Fact]
    public void Refuses_numbers_that_destroy_the_inputs()
    {
        Assert.Throws<ArgumentException>(() => new Preprocessing(0f, 1f));
        Assert.Throws<ArgumentException>(() => new Preprocessing(float.NaN, 1f));
        Assert.Throws<ArgumentException>(() => new Preprocessing(1f, float.PositiveInfinity));
        Assert.Throws<ArgumentException>(() => new Preprocessing(1f, []));
    }

    [Fact]
    public void Undo_gives_the_raw_values_back()
    {
        var preprocessing = new Preprocessing(1f / 255f, 0.5f, 0.25f);
        float[] raw = [0, 255, 17, 90], row = new float[4];
        preprocessing.Apply(raw, row);
        preprocessing.Undo(row);
        for (int i = 0; i < raw.Length; i++)
            Assert.Equal(raw[i], row[i], 1e-4f);
    }

    [Fact]
    public void A_model_that_has_it_folded_in_takes_raw_bytes_and_says_so()
    {
        var preprocessing = new Preprocessing(1f / 255f, 0.5f, 0.25f);
        Network network = NetworkInit.Glorot([6, 4, 3], Activation.Of(default(Relu)), Activation.Of(default(Identity)), Loss.CrossEntropy, seed: 1, hasBiases: true)
            .WithMetadata(preprocessing.Metadata);
        Preprocessing read = Preprocessing.Of(network)!;
        Assert.Equal(preprocessing.Scales.ToArray(), read.Scales.ToArray());
        Assert.Equal(preprocessing.Offsets.ToArray(), read.Offsets.ToArray());
        byte[] raw = [0, 255, 17, 90, 3, 128];
        float[] prepared = new float[6], expected = new float[3], scores = new float[3];
        preprocessing.Apply(raw, prepared);
        Network folded = read.FoldInto(network);
        using Workspace workspace = Workspace.For(network, 1);
        network.Predict(prepared, expected, workspace);
        folded.Predict(raw, scores, workspace);
        for (int i = 0; i < 3; i++)
            Assert.Equal(expected[i], scores[i], 1e-5f);
        Assert.Equal((1f, 0f), (Preprocessing.Of(folded)!.Scales.Span[0], Preprocessing.Of(folded)!.Offsets.Span[0]));
    }

    [Theory]
    [InlineData("abc", "[0]")]
    [InlineData("1", "[0")]
    [InlineData("1", "[\"a\"]")]
    [InlineData("1", "7")]
    [InlineData("1", "[]")]
    [InlineData("1", "[1,2,3,4]")]
    [InlineData("0", "[0]")]
    [InlineData("1", "[1e999]")]
    public void Metadata_that_says_nothing_of_use_is_refused(string scale, string offsets)
    {
        Network network = NetworkInit.Glorot([6, 3], Activation.Of(default(Relu)), Activation.Of(default(Identity)), Loss.CrossEntropy, seed: 1)
            .WithMetadata([new("input-scale", scale), new("input-offsets", offsets)]);
        Assert.Contains("metadata 'input-", Assert.Throws<ModelFormatException>(() => Preprocessing.Of(network)).Message, StringComparison.Ordinal);
    }
}
