using FsCheck;
using FsCheck.Fluent;
using Lpom.Simd.Model;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Model;

public sealed class NetworkInitTests
{
    private static readonly string[] Bounded = ["sigmoid", "hard-sigmoid", "tanh", "hard-tanh", "clip01"];

    private static readonly Arbitrary<(int[] Widths, string Name, int Seed)> Cases = Arb.From(
        from widths in Gen.Choose(1, 40).ArrayOf(4)
        from name in Gen.Elements(Bounded)
        from seed in Gen.Choose(0, 1000)
        select (widths, name, seed));

    [Fact]
    public void The_fewer_of_rows_and_columns_are_orthogonal_and_as_long_as_the_activation_is_flat() => Properties.Hold(Cases, c =>
    {
        foreach (Layer layer in Start(c.Widths, c.Name, (ulong)c.Seed).Layers)
        {
            double gain = 1 / layer.Activation.Lipschitz;
            bool isTall = layer.Outputs > layer.Inputs;
            int count = Math.Min(layer.Inputs, layer.Outputs), length = Math.Max(layer.Inputs, layer.Outputs);
            for (int a = 0; a < count; a++)
            {
                for (int b = 0; b <= a; b++)
                {
                    double product = Enumerable.Range(0, length).Sum(k => (double)Weight(layer, isTall, a, k) * Weight(layer, isTall, b, k));
                    Assert.Equal(a == b ? gain * gain : 0, product, 1e-5 * gain * gain);
                }
            }
        }
    }, count: 50);

    [Fact]
    public void The_centre_of_a_layer_is_fed_forward_to_the_centre_of_the_next() => Properties.Hold(Cases, c =>
    {
        // The data's centre is 0, and the linear output's.
        Network start = Start(c.Widths, c.Name, (ulong)c.Seed);
        using var workspace = Workspace.For(start, maxBatch: 1);
        float[] scores = new float[start.Outputs];
        start.Predict(new float[start.Inputs], scores, workspace);
        Assert.All(scores, score => Assert.Equal(0, score, 1e-4));
        Layer first = start.Layers[0];
        float centre = (first.Activation.Lower + first.Activation.Upper) / 2;
        foreach (float bias in first.Bias) Assert.Equal(centre, first.Activation.Apply(bias), 1e-6);
    }, count: 50);

    [Fact]
    public void The_same_seed_starts_with_the_same_bits_and_another_with_others()
    {
        float first = Start([30, 20, 10, 5], "sigmoid", 3).Layers[1].Weights[4, 5];
        Assert.Equal(first, Start([30, 20, 10, 5], "sigmoid", 3).Layers[1].Weights[4, 5]);
        Assert.NotEqual(first, Start([30, 20, 10, 5], "sigmoid", 4).Layers[1].Weights[4, 5]);
    }

    [Theory]
    [InlineData("sigmoid", InitialWeights.Orthogonal)]
    [InlineData("clip01", InitialWeights.Orthogonal)]
    [InlineData("relu", InitialWeights.Glorot)]
    [InlineData("softplus", InitialWeights.Glorot)]
    public void Activations_that_saturate_at_both_ends_start_orthogonal(string name, InitialWeights expected) =>
        Assert.Equal(expected, NetworkInit.Preferred(ModelFiles.Named(name)));

    private static float Weight(Layer layer, bool isTall, int vector, int k) => isTall ? layer.Weights[k, vector] : layer.Weights[vector, k];

    private static Network Start(int[] widths, string name, ulong seed) =>
        NetworkInit.Orthogonal(widths, ModelFiles.Named(name), ModelFiles.Named("identity"), Loss.CrossEntropy, seed);
}
