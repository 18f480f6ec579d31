using FsCheck;
using FsCheck.Fluent;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Tests.Support;

namespace Lpom.Simd.Tests.Model.Onnx;

/// <summary>Models that this library wrote, and read again.</summary>
public class OnnxModelTests
{
    public static TheoryData<string> Activations => [.. Activation.All.Select(a => a.Name), "leaky-relu-0.3"];

    [Theory]
    [MemberData(nameof(Activations))]
    public void A_network_written_as_ONNX_is_read_back_bit_for_bit(string activation)
    {
        Network network = Random([7, 5, 3, 2], [activation, activation, activation], seed: 1, bias: true, bounds: true);
        AssertSame(network, Again(network));
    }

    [Fact]
    public void Any_network_survives_ONNX()
    {
        Gen<(int[] Widths, string[] Activations, ulong Seed, bool Bias, bool Bounds)> cases =
            from layers in Gen.Choose(1, 5)
            from widths in Gen.Choose(1, 40).ArrayOf(layers + 1)
            from activations in Gen.Elements(Activation.All.Select(a => a.Name)).ArrayOf(layers)
            from seed in Gen.Choose(0, int.MaxValue)
            from bias in Gen.Elements(true, false)
            from bounds in Gen.Elements(true, false)
            select (widths, activations, (ulong)seed, bias, bounds);
        Properties.Hold(Arb.From(cases), c =>
        {
            Network network = Random(c.Widths, c.Activations, c.Seed, c.Bias, c.Bounds);
            AssertSame(network, Again(network));
        });
    }

    [Fact]
    public void Metadata_and_loss_are_kept()
    {
        Network start = ModelFiles.Small(bias: true);
        Network read = Again(new Network(start.Layers, Loss.CrossEntropy, [new("note", "π"), new("empty", "")]));
        Assert.Equal(Loss.CrossEntropy, read.Loss);
        Assert.Equal("π", read.Metadata["note"]);
        Assert.Equal("", read.Metadata["empty"]);
        Assert.DoesNotContain(read.Metadata.Keys, key => key.StartsWith("onnx.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_cut_at_any_byte_is_refused()
    {
        byte[] bytes = ModelFiles.Bytes(ModelFiles.Small(bias: true), ModelFormat.Onnx);
        for (int length = 0; length < bytes.Length; length++)
        {
            var e = Assert.Throws<ModelFormatException>(() => ModelFiles.Load(bytes[..length]));
            Assert.StartsWith("model: ", e.Message);
            Assert.DoesNotContain('\n', e.Message);
        }
    }

    [Fact]
    public void A_file_with_any_byte_changed_loads_or_is_refused()
    {
        byte[] bytes = ModelFiles.Bytes(ModelFiles.Small(bias: true), ModelFormat.Onnx);
        for (int i = 0; i < bytes.Length; i++)
        {
            foreach (byte flip in new byte[] { 0x01, 0x80, 0xFF })
            {
                byte[] changed = [.. bytes];
                changed[i] ^= flip;
                Exception? e = Record.Exception(() => ModelFiles.Load(changed));
                Assert.True(e is null or ModelFormatException, $"byte {i} ^ {flip}: {e}");
            }
        }
    }

    [Fact]
    public void The_format_of_a_file_is_recognised_whatever_its_name_and_place()
    {
        string folder = Directory.CreateTempSubdirectory("lpom onnx ü ").FullName;
        try
        {
            string path = Path.Combine(folder, "a.safetensors");
            ModelFiles.Small().Save(path, ModelFormat.Onnx);
            Assert.Equal(ModelFiles.Bytes(ModelFiles.Small(), ModelFormat.Onnx), File.ReadAllBytes(path));
            Assert.Equal("3-2-2", Network.Load(path).Shape);
            Assert.Equal([path], Directory.GetFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        using var stream = new MemoryStream([.. new byte[100], .. ModelFiles.Bytes(ModelFiles.Small(), ModelFormat.Onnx)]);
        stream.Position = 100;
        Assert.Equal("3-2-2", Network.Load(stream, "model").Shape);
    }

    [Fact]
    public void An_activation_of_the_users_own_is_refused_before_anything_is_written()
    {
        // Its name alone is that of a built-in one.
        var network = new Network([new Layer(new([1], 1, 1), [], Activation.Of(default(ReluByName)))], Loss.LeastSquares);
        using var stream = new MemoryStream();
        Assert.Contains("'relu'", Assert.Throws<NotSupportedException>(() => network.Save(stream, ModelFormat.Onnx)).Message);
        Assert.Equal(0, stream.Length);
    }

    private static Network Again(Network network) => ModelFiles.Load(ModelFiles.Bytes(network, ModelFormat.Onnx));

    private static Network Random(int[] widths, string[] activations, ulong seed, bool bias, bool bounds)
    {
        var rng = new Rng(seed);
        float[] Floats(int count) => [.. Enumerable.Range(0, count).Select(_ => (rng.NextSingle() * 2) - 1)];
        var layers = activations.Select((name, i) =>
            new Layer(new(Floats(widths[i] * widths[i + 1]), widths[i + 1], widths[i]), bias ? Floats(widths[i + 1]) : [], ModelFiles.Named(name)));
        float[] lower = Floats(widths[0]);
        return new Network(layers.ToArray(), Loss.LeastSquares, inputBounds: bounds ? new InputBounds(lower, [.. lower.Select(l => l + 0.5f)]) : null);
    }

    private static void AssertSame(Network expected, Network actual)
    {
        // The safetensors of both hold every bit of weights, biases and bounds, and all metadata.
        Assert.Equal(ModelFiles.Bytes(expected), ModelFiles.Bytes(actual));
        float[] x = [.. Enumerable.Range(0, expected.Inputs).Select(i => (i % 7) - 3f)];
        float[] scores = new float[expected.Outputs], again = new float[actual.Outputs];
        using var workspace = Workspace.For(expected, 1);
        using var other = Workspace.For(actual, 1);
        expected.Predict(x, scores, workspace);
        actual.Predict(x, again, other);
        Bits.AssertSame(scores, again);
    }

    private readonly struct ReluByName : IProximalActivation
    {
        public string Name => "relu";

        public float Lipschitz => 1;

        public float Lower => 0;

        public float Upper => float.PositiveInfinity;

        public float PenaltyMinimum => 0;

        public TV Phi<TW, TV>(TV z)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => TW.Max(TW.Zero, z);

        public TV F<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => throw new NotSupportedException();

        public TV FStar<TW, TV>(TV z)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => throw new NotSupportedException();

        public TV Derivative<TW, TV>(TV z, TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => throw new NotSupportedException();
    }
}
