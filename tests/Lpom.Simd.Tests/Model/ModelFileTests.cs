using System.Buffers.Binary;
using System.Text.Json;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;

namespace Lpom.Simd.Tests.Model;

public class ModelFileTests
{
    private const string Metadata =
        "\"__metadata__\":" + """{"format":"lpom-1","layers":"2-1","activations":"identity","loss":"least-squares"}""";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_saved_network_loads_with_the_same_weights_and_metadata(bool bias)
    {
        Network network = ModelFiles.Small(bias);
        Network loaded = ModelFiles.Load(ModelFiles.Bytes(network));
        Assert.Equal("3-2-2", loaded.Shape);
        Assert.Equal("π", loaded.Metadata["note"]);
        Assert.Equal(Loss.LeastSquares, loaded.Loss);
        for (int i = 0; i < network.Layers.Count; i++)
        {
            Assert.Equal(network.Layers[i].Activation.Name, loaded.Layers[i].Activation.Name);
            Assert.Equal(network.Layers[i].Bias, loaded.Layers[i].Bias);
            for (int row = 0; row < network.Layers[i].Outputs; row++)
                Assert.Equal(network.Layers[i].Weights.Row(row), loaded.Layers[i].Weights.Row(row));
        }
        Assert.Equal(ModelFiles.Bytes(network), ModelFiles.Bytes(loaded));
    }

    [Fact]
    public void A_loaded_network_of_wide_layers_has_the_bits_of_the_one_that_was_saved()
    {
        Network network = PredictionTests.RandomNetwork([20, 45, 16, 15, 3], bias: true), loaded = ModelFiles.Load(ModelFiles.Bytes(network));
        Matrix x = PredictionTests.RandomMatrix(200, 20, 1), expected = new(200, 3), scores = new(200, 3);
        using var workspace = Workspace.For(network, 200);
        foreach (int rows in new[] { 1, 7, 200 })
        {
            network.PredictBatch(x.Top(rows), expected.Top(rows), workspace);
            loaded.PredictBatch(x.Top(rows), scores.Top(rows), workspace);
            for (int row = 0; row < rows; row++) Assert.Equal(expected.View.Row(row), scores.View.Row(row));
        }
        Assert.Equal([false, false, true, true], loaded.Layers.Select(layer => layer.HasWeights));
        Assert.Equal(ModelFiles.Bytes(network), ModelFiles.Bytes(loaded));
    }

    [Fact]
    public void Input_bounds_are_kept_and_clip_inputs()
    {
        Network plain = PredictionTests.RandomNetwork([3, 2], bias: true);
        var network = new Network(plain.Layers, plain.Loss, inputBounds: new InputBounds([-1, 0, 1], [1, 2, 3]));
        Network read = Network.Load(new MemoryStream(ModelFiles.Bytes(network)), "m");
        Assert.Equal([-1f, 0, 1], read.InputBounds!.Lower.ToArray());
        Assert.Equal([1f, 2, 3], read.InputBounds.Upper.ToArray());
        using var workspace = Workspace.For(read, 1);
        float[] clipped = new float[2], expected = new float[2];
        read.WithMetadata([]).Predict([-9, 9, 2], clipped, workspace);
        plain.Predict([-1, 2, 2], expected, workspace);
        Assert.Equal(expected, clipped);
        using var other = Workspace.For(plain, 1);
        read.Predict([-9, 9, 2], clipped, other);
        Assert.Equal(expected, clipped);
        Assert.Throws<ArgumentException>("upper", () => new InputBounds([1], [0]));
        Assert.Throws<ArgumentException>("inputBounds", () => new Network(plain.Layers, plain.Loss, inputBounds: new InputBounds([0], [1])));
    }

    [Fact]
    public void The_file_is_what_the_safetensors_format_says()
    {
        byte[] bytes = ModelFiles.Bytes(ModelFiles.Small(bias: true));
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using JsonDocument header = JsonDocument.Parse(bytes.AsMemory(8, length));
        JsonElement weight = header.RootElement.GetProperty("layers.0.weight");
        Assert.Equal("F32", weight.GetProperty("dtype").GetString());
        Assert.Equal([2, 3], weight.GetProperty("shape").EnumerateArray().Select(s => s.GetInt32()));
        Assert.Equal([0, 24], weight.GetProperty("data_offsets").EnumerateArray().Select(s => s.GetInt32()));
        Assert.Equal(-2f, BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(8 + length + 4)));
        Assert.Equal(0, (8 + length) % 64);
    }

    [Fact]
    public void A_file_cut_at_any_byte_is_refused()
    {
        byte[] bytes = ModelFiles.Bytes(ModelFiles.Small(bias: true));
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
        byte[] bytes = ModelFiles.Bytes(ModelFiles.Small());
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

    public static TheoryData<string, int, string> Forgeries => new()
    {
        { "[]", 0, "not valid" },
        { "{} {}", 0, "not valid" },
        { "{}", 0, "'format' is missing" },
        { """{"__metadata__":{"format":"lpom-9"}}""", 0, "'format' is 'lpom-9'" },
        { """{"__metadata__":{"format":"lpom-1","layers":"2-x","activations":"relu","loss":"least-squares"}}""", 0, "'layers' is '2-x'" },
        { """{"__metadata__":{"format":"lpom-1","layers":"2-1","activations":"relu,relu","loss":"least-squares"}}""", 0, "'activations' names 2" },
        { """{"__metadata__":{"format":"lpom-1","layers":"2-1","activations":"rulu","loss":"least-squares"}}""", 0, "unknown activation 'rulu'" },
        { """{"__metadata__":{"format":"lpom-1","layers":"2-1","activations":"relu","loss":"hinge"}}""", 0, "'loss' is 'hinge'" },
        { """{"__metadata__":{"format":"lpom-1","format":"lpom-1"}}""", 0, "'format' stands twice" },
        { $$$"""{"__metadata__":{{{{string.Join(',', Enumerable.Range(0, 1001).Select(i => $"\"{i}\":\"\""))}}}}}""", 0, "more than 1000 entries of metadata" },
        { "{" + Metadata + "}", 0, "'layers.0.weight' is missing" },
        { "{" + Metadata + ""","layers.0.weight":{"dtype":"F16","shape":[1,2],"data_offsets":[0,8]}}""", 8, "dtype 'F16'" },
        { "{" + Metadata + ""","layers.0.weight":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}""", 8, "shape [2, 1]" },
        { "{" + Metadata + ""","layers.0.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,4]}}""", 4, "needs 8" },
        { "{" + Metadata + ""","layers.0.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}""", 12, "the file has 12" },
        { "{" + Metadata + ""","layers.0.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]}}""", 12, "byte 0 should be next" },
        { "{" + Metadata + ""","layers.0.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"extra":{"dtype":"F32","shape":[],"data_offsets":[8,8]}}""", 8, "2 tensors" },
        { "{" + Metadata + ""","layers.0.weight":{"dtype":"F32","shape":[1,-2],"data_offsets":[0,8]}}""", 8, "whole numbers" },
        { "{" + Metadata + ""","layers.0.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8],"x":1}}""", 8, "unknown field 'x'" },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void A_forged_header_is_refused_with_what_is_wrong(string header, int dataBytes, string expected)
    {
        var e = Assert.Throws<ModelFormatException>(() => ModelFiles.Load(ModelFiles.Forge(header, dataBytes)));
        Assert.Contains(expected, e.Message);
    }

    [Fact]
    public void A_message_shows_the_files_text_short_and_without_control_characters()
    {
        string header = """{"__metadata__":{"format":"x\n\u001b[31m""" + new string('y', 1000) + "\"}}";
        string message = Assert.Throws<ModelFormatException>(() => ModelFiles.Load(ModelFiles.Forge(header, 0))).Message;
        Assert.DoesNotContain(message, char.IsControl);
        Assert.InRange(message.Length, 1, 200);
    }

    [Fact]
    public void A_long_list_of_layers_without_tensors_is_not_taken_apart()
    {
        string header = """{"__metadata__":{"format":"lpom-1","loss":"least-squares","activations":"relu","layers":"1""" + string.Concat(Enumerable.Repeat("-1", 500_000)) + "\"}}";
        byte[] file = ModelFiles.Forge(header, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ModelFormatException>(() => ModelFiles.Load(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * file.Length);
    }

    [Fact]
    public void A_model_may_stand_in_the_middle_of_a_stream()
    {
        using var stream = new MemoryStream([.. new byte[100], .. ModelFiles.Bytes(ModelFiles.Small())]);
        stream.Position = 100;
        Assert.Equal("3-2-2", Network.Load(stream, "model").Shape);
    }

    [Fact]
    public void Another_slope_of_the_leaky_relu_is_not_lost()
    {
        Activation steep = Activation.Of(new LeakyRelu(0.3f));
        byte[] bytes = ModelFiles.Bytes(new Network([new Layer(new([1], 1, 1), [], steep)], Loss.LeastSquares));
        Assert.Equal(-0.3f, ModelFiles.Load(bytes).Layers[0].Activation.Apply(-1));
        Assert.Same(steep, ModelFiles.Load(bytes, steep).Layers[0].Activation);
    }

    [Fact]
    public void A_name_that_the_list_of_activations_cannot_hold_is_refused() =>
        Assert.Throws<ArgumentException>(() => Activation.Of(default(Comma)));

    // Predictions read panels of 32 columns: one output takes the room of 32. In a sparse file: it is never read.
    [Fact]
    public void A_layer_too_wide_to_predict_with_is_refused_when_it_is_read()
    {
        string header = """{"__metadata__":{"format":"lpom-1","layers":"67108864-1","activations":"identity","loss":"least-squares"},"layers.0.weight":{"dtype":"F32","shape":[1,67108864],"data_offsets":[0,268435456]}}""";
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 4096, FileOptions.DeleteOnClose);
        stream.Write(ModelFiles.Forge(header, 0));
        stream.SetLength(stream.Length + 268_435_456);
        stream.Position = 0;
        var e = Assert.Throws<ModelFormatException>(() => Network.Load(stream, "model"));
        Assert.Contains("'layers.0.weight' is too large", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_absurd_size_is_refused_before_memory_is_allocated()
    {
        string huge = """{"__metadata__":{"format":"lpom-1","layers":"2000000000-2000000000","activations":"relu","loss":"least-squares"},"layers.0.weight":{"dtype":"F32","shape":[2000000000,2000000000],"data_offsets":[0,8]}}""";
        byte[] file = ModelFiles.Forge(huge, 8);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ModelFormatException>(() => ModelFiles.Load(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_refused()
    {
        byte[] bytes = ModelFiles.Bytes(ModelFiles.Small());
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(bytes.Length - 4), float.NaN);
        var e = Assert.Throws<ModelFormatException>(() => ModelFiles.Load(bytes));
        Assert.Contains("'layers.1.weight' holds NaN in row ", e.Message);
        bytes = ModelFiles.Bytes(new Network([new Layer(new Matrix(3, 40).View, [], Activation.Of(default(Identity)))], Loss.LeastSquares));
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(bytes.Length - (4 * ((3 * 40) - 41))), float.PositiveInfinity);
        e = Assert.Throws<ModelFormatException>(() => ModelFiles.Load(bytes));
        Assert.Contains("'layers.0.weight' holds Infinity in row 1, column 1: expected finite values", e.Message);
    }

    [Fact]
    public void A_network_with_an_activation_of_the_users_own_loads_when_it_is_given()
    {
        Activation own = Activation.Of(default(Doubling));
        var network = new Network([new Layer(new([1, 2], 1, 2), [], own)], Loss.LeastSquares);
        byte[] bytes = ModelFiles.Bytes(network);
        Assert.Throws<ModelFormatException>(() => ModelFiles.Load(bytes));
        Assert.Same(own, ModelFiles.Load(bytes, own).Layers[0].Activation);
    }

    [Fact]
    public void Saving_replaces_a_file_whole_and_leaves_nothing_else()
    {
        string folder = Directory.CreateTempSubdirectory("lpom model ü ").FullName;
        try
        {
            string path = Path.Combine(folder, "a b.safetensors");
            File.WriteAllText(path, "old");
            ModelFiles.Small().Save(path);
            Assert.Equal("3-2-2", Network.Load(path).Shape);
            Assert.Equal([path], Directory.GetFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_save_that_fails_leaves_the_old_file_and_no_other()
    {
        string folder = Directory.CreateTempSubdirectory("lpom").FullName;
        try
        {
            string target = Path.Combine(folder, "model");
            Directory.CreateDirectory(target);
            Assert.ThrowsAny<Exception>(() => ModelFiles.Small().Save(target));
            Assert.Equal([target], Directory.GetFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private readonly struct Comma : IProximalActivation
    {
        public string Name => "a,b";

        public float Lipschitz => 1;

        public float Lower => float.NegativeInfinity;

        public float Upper => float.PositiveInfinity;

        public float PenaltyMinimum => 0;

        public TV Phi<TW, TV>(TV z)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => z;

        public TV F<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => Quadrature.F<Comma, TW, TV>(this, x);

        public TV FStar<TW, TV>(TV z)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => Quadrature.FStar<Comma, TW, TV>(this, z);

        public TV Derivative<TW, TV>(TV z, TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => throw new NotSupportedException();
    }

    private readonly struct Doubling : IProximalActivation
    {
        public string Name => "doubling";

        public float Lipschitz => 2;

        public float Lower => float.NegativeInfinity;

        public float Upper => float.PositiveInfinity;

        public float PenaltyMinimum => 0;

        public TV Phi<TW, TV>(TV z)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => TW.Add(z, z);

        public TV F<TW, TV>(TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => TW.Multiply(TW.Broadcast(0.25f), TW.Multiply(x, x));

        public TV FStar<TW, TV>(TV z)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => TW.Multiply(z, z);

        public TV Derivative<TW, TV>(TV z, TV x)
            where TW : struct, ISimdWidth<TV>
            where TV : struct => throw new NotSupportedException();
    }
}
