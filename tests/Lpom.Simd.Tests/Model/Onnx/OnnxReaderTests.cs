using System.Runtime.InteropServices;
using Lpom.Simd.Model;
using Lpom.Simd.Model.Onnx;

namespace Lpom.Simd.Tests.Model.Onnx;

/// <summary>What the reader of ONNX accepts beyond what the fixtures hold, and what it refuses.</summary>
public class OnnxReaderTests
{
    // The sample (1, −2) through W = (1 2; 3 4) and b = (10, 20).
    private static readonly float[] Product = [-5, -6], Transposed = [-3, -5];

    [Fact]
    public void Gemm_has_its_factors_folded_and_its_weights_either_way()
    {
        AssertScores([Product[0] + 10, Product[1] + 20], Model().Node("x W b", "Gemm", "y"));
        AssertScores([Transposed[0] + 10, Transposed[1] + 20], Model().Node("x W b", "Gemm", "y", OnnxForge.Integer("transB", 1)));
        AssertScores([(2 * Product[0]) + 5, (2 * Product[1]) + 10], Model().Node("x W b", "Gemm", "y", OnnxForge.Float("alpha", 2), OnnxForge.Float("beta", 0.5f)));
        AssertScores(Product, Model().Node("x W", "ai.onnx:Gemm", "y"));
    }

    [Theory]
    [InlineData("m b")]
    [InlineData("b m")]
    public void A_bias_is_added_from_either_side(string inputs) =>
        AssertScores([Product[0] + 10, Product[1] + 20], Model().Node("x W", "MatMul", "m").Node(inputs, "Add", "y"));

    [Fact]
    public void A_bias_of_one_number_is_every_outputs() =>
        AssertScores([Product[0] + 7, Product[1] + 7], Model().With("b", [], 7).Node("x W b", "Gemm", "y"));

    [Fact]
    public void A_transposed_constant_is_one_also_by_another_name()
    {
        AssertScores(Transposed, Model().Node("W", "Transpose", "T").Node("T", "Identity", "V").Node("x V", "MatMul", "y"));
        AssertScores(Transposed, Model().Node("W", "Transpose", "T", OnnxForge.Integers("perm", 1, 0)).Node("x T", "MatMul", "y"));
        AssertScores(Product, Model().Node("W", "Transpose", "T").Node("x T", "Gemm", "y", OnnxForge.Integer("transB", 1)));
    }

    [Fact]
    public void Floats_may_be_listed_packed_in_pieces_or_one_by_one()
    {
        ProtobufWriter pieces = OnnxForge.TensorHead("W", [2, 2]), single = OnnxForge.TensorHead("W", [2, 2]);
        foreach (float[] piece in new float[][] { [1, 2, 3], [4] })
            pieces.Length(OnnxSchema.Tensor.FloatData, piece.Length * sizeof(float)).Append(MemoryMarshal.AsBytes(piece.AsSpan()));
        for (int i = 1; i <= 4; i++) single.Single(OnnxSchema.Tensor.FloatData, i);
        AssertScores(Product, Model().With("W", pieces).Node("x W", "MatMul", "y"));
        AssertScores(Product, Model().With("W", single).Node("x W", "MatMul", "y"));
    }

    [Fact]
    public void A_shape_may_be_packed()
    {
        ProtobufWriter packed = new ProtobufWriter().Length(OnnxSchema.Tensor.Dims, 2).Append([2, 2]).Append(OnnxForge.Tensor("W", [], 1, 2, 3, 4));
        AssertScores(Product, Model().With("W", packed).Node("x W", "MatMul", "y"));
    }

    [Fact]
    public void Constant_nodes_hold_numbers_too()
    {
        ProtobufWriter floats = new ProtobufWriter().Text(OnnxSchema.Attribute.Name, "value_floats").Length(OnnxSchema.Attribute.Floats, 8);
        floats.Append(MemoryMarshal.AsBytes([10f, 20f])).Integer(OnnxSchema.Attribute.Type, 6);
        AssertScores([0, 1], Model()
            .Node("", "Constant", "zero", OnnxForge.Float("value_float", 0))
            .Node("", "Constant", "one", OnnxForge.Float("value_float", 1))
            .Node("", "Constant", "shape", OnnxForge.Integers("value_ints", -1, 2))
            .Node("", "Constant", "ten", floats)
            .With("b", [2], -10, 20)
            .Node("x shape", "Reshape", "r").Node("r W b", "Gemm", "g").Node("g zero one", "Clip", "y"));
        AssertScores([5, 14], Model().Node("", "Constant", "ten", floats).Node("x W ten", "Gemm", "y"));
    }

    [Theory]
    [InlineData(0.2f, 0.5f)]
    [InlineData(1f / 6, 0.5f)]
    [InlineData(0.1f, 0.75f)]
    public void A_hard_sigmoid_of_any_rise_is_folded_into_its_layer(float alpha, float beta)
    {
        float[] expected = [.. Product.Select((z, i) => Math.Clamp((alpha * (z + (10 * i))) + beta, 0f, 1f))];
        AssertScores(expected, Model().With("b", [2], 0, 10).Node("x W b", "Gemm", "g").Node("g", "HardSigmoid", "y", OnnxForge.Float("alpha", alpha), OnnxForge.Float("beta", beta)));
        expected = [.. Product.Select(z => Math.Clamp((alpha * z) + beta, 0f, 1f))];
        AssertScores(expected, Model().Node("x W", "MatMul", "g").Node("g", "HardSigmoid", "y", OnnxForge.Float("alpha", alpha), OnnxForge.Float("beta", beta)));
    }

    [Fact]
    public void Attributes_that_are_left_out_have_the_standards_values()
    {
        AssertScores([0, 0], Model().Node("x W", "MatMul", "g").Node("g", "HardSigmoid", "y"));
        AssertScores([-0.05f, -0.06f], Model().Node("x W", "MatMul", "g").Node("g", "LeakyRelu", "y"));
        AssertScores([MathF.Exp(-5) - 1, MathF.Exp(-6) - 1], Model().Node("x W", "MatMul", "g").Node("g", "Elu", "y"));
        AssertScores([0, 0], Model().With("zero", [], 0).Node("x W", "MatMul", "g").Node("g zero", "Clip", "y"));
    }

    [Fact]
    public void Nodes_that_change_nothing_may_stand_anywhere() =>
        AssertScores([-15, -22], Model().With("V", [2, 2], 1, 0, 0, 1).With("s", OnnxForge.Shape("s", -1, 2)).Inputs(OnnxForge.Input("x", -1, 1, 2))
            .Node("x", "Flatten", "f").Node("f", "Identity", "i").Node("i W", "MatMul", "m").Node("m", "Dropout", "d mask").Node("d s", "Reshape", "r")
            .Node("r", "Cast", "c", OnnxForge.Integer("to", OnnxSchema.Float)).Node("c W2", "MatMul", "y").With("W2", [2, 2], 3, 2, 0, 2));

    [Fact]
    public void Max_and_Min_before_the_first_layer_are_bounds_of_the_inputs() =>
        AssertScores([1 - 3, 2 - 4], Model().With("l", [2], -1, -1).With("u", [2], 1, 1).Node("x l", "Max", "a").Node("u a", "Min", "c").Node("c W", "MatMul", "y"));

    [Fact]
    public void Outputs_beside_the_scores_are_left_out()
    {
        OnnxForge model = Model().Node("x W", "MatMul", "y").Node("y", "ArgMax", "label", OnnxForge.Integer("axis", 1))
            .Outputs(OnnxForge.Output("label", OnnxSchema.Int64), OnnxForge.Output("y"));
        AssertScores(Product, model);
    }

    [Fact]
    public void Metadata_of_others_is_never_taken_for_this_librarys()
    {
        Network network = ModelFiles.Load(Model().Metadata("task", "detect").Metadata("classes", "cat").Node("x W", "MatMul", "y").Bytes());
        Assert.False(network.Metadata.ContainsKey("task") || network.Metadata.ContainsKey("classes"));
        Assert.Equal(("detect", "cat", "forge"), (network.Metadata["onnx.task"], network.Metadata["onnx.classes"], network.Metadata["onnx.producer"]));
    }

    public static TheoryData<string, string> Faults { get; } = MakeFaults();

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_model_that_is_not_supported_is_refused_with_what_is_wrong(string expected, string file)
    {
        string message = Assert.Throws<ModelFormatException>(() => ModelFiles.Load(Convert.FromBase64String(file))).Message;
        Assert.Contains(expected, message);
        Assert.StartsWith("model: ", message);
        Assert.EndsWith(".", message);
    }

    [Fact]
    public void An_absurd_size_is_refused_before_memory_is_allocated()
    {
        OnnxForge huge = Model().With("W", OnnxForge.TensorHead("W", [2_000_000_000, 2_000_000_000])).Node("x W", "MatMul", "y");
        Assert.Contains("needs", Assert.Throws<ModelFormatException>(() => LoadWithin(huge.Bytes(), 1 << 20)).Message);
        OnnxForge overflowing = Model().With("W", OnnxForge.TensorHead("W", [.. Enumerable.Repeat(long.MaxValue, 8)])).Node("x W", "MatMul", "y");
        Assert.Throws<ModelFormatException>(() => LoadWithin(overflowing.Bytes(), 1 << 20));
    }

    [Fact]
    public void One_constant_cannot_be_the_weights_of_a_million_layers()
    {
        OnnxForge model = Model().With("W", [64, 64], new float[64 * 64]).Inputs(OnnxForge.Input("x", -1, 64));
        model.Node("x W", "MatMul", "v0");
        for (int i = 1; i < 2000; i++) model.Node($"v{i - 1} W", "MatMul", i == 1999 ? "y" : $"v{i}");
        Assert.Contains("shared weights", Assert.Throws<ModelFormatException>(() => LoadWithin(model.Bytes(), 4 << 20)).Message);
    }

    /// <summary>Nodes and initialisers of a few bytes have some hundred in memory each: all of them together take a megabyte beside ten times the file.</summary>
    [Theory]
    [InlineData(2500, 2500, "the graph has 0 inputs")]
    [InlineData(100_000, 0, "more than 2500 nodes")]
    [InlineData(0, 100_000, "more than 2500 initialisers")]
    public void Nodes_and_initialisers_are_as_many_as_a_network_may_have(int nodes, int initialisers, string expected)
    {
        ProtobufWriter graph = new();
        for (int i = 0; i < nodes; i++) graph.Message(OnnxSchema.Graph.Node, new ProtobufWriter().Text(OnnxSchema.Node.Output, $"{i}"));
        for (int i = 0; i < initialisers; i++) graph.Message(OnnxSchema.Graph.Initializer, new ProtobufWriter().Text(OnnxSchema.Tensor.Name, $"{i}"));
        byte[] file = FileOf(graph);
        Assert.Contains(expected, Assert.Throws<ModelFormatException>(() => LoadWithin(file, (1 << 20) + (10 * file.Length))).Message);
    }

    [Fact]
    public void A_node_that_gives_nothing_is_refused_where_it_stands()
    {
        ProtobufWriter nodes = new();
        for (int i = 0; i < 1_000_000; i++) nodes.Length(OnnxSchema.Graph.Node, 0);
        byte[] file = FileOf(nodes);
        Assert.Contains("node 0 (): gives nothing", Assert.Throws<ModelFormatException>(() => LoadWithin(file, 10 * file.Length)).Message);
    }

    /// <summary>Wire-level faults, behind the start of a good file.</summary>
    [Theory]
    [InlineData("3AFFFFFFFFFFFFFFFFFF01", "has 18446744073709551615 bytes but only 0 follow")]
    [InlineData("3AFFFFFFFF07", "has 2147483647 bytes but only 0 follow")]
    [InlineData("3800", "field 7 has the wire type 0, expected 2")]
    [InlineData("0501020304", "0 is no field number")]
    [InlineData("0000", "0 is no field number")]
    [InlineData("A30601", "unknown wire type 3")]
    [InlineData("A60601", "unknown wire type 6")]
    [InlineData("28FFFFFFFFFFFFFFFFFFFF01", "more than 64 bits")]
    [InlineData("28FF", "ends inside a field")]
    [InlineData("A9060102", "ends inside a field")]
    [InlineData("1203C0C0C0", "not UTF-8")]
    [InlineData("3A020A054202100D", "has 5 bytes but only 0 follow")]
    public void A_hostile_message_is_refused_with_the_byte(string hexadecimal, string expected)
    {
        byte[] file = [.. Model().Head.Written, .. Convert.FromHexString(hexadecimal)];
        string message = Assert.Throws<ModelFormatException>(() => LoadWithin(file, 1 << 20)).Message;
        Assert.Contains(expected, message);
        Assert.Matches(@"^model: byte \d+: ", message);
    }

    [Fact]
    public void Deep_nesting_is_not_followed()
    {
        // Groups in groups; and messages in messages, in a field that nobody knows.
        byte[] groups = [.. Model().Head.Written, .. Enumerable.Repeat((byte)0x2B, 1_000_000)];
        Assert.Throws<ModelFormatException>(() => LoadWithin(groups, 8 << 20));
        byte[] nested = [];
        for (int i = 0; i < 2000; i++) nested = new ProtobufWriter().Length(99, nested.Length).Append(nested).Written.ToArray();
        byte[] file = [.. Model().Node("x W", "MatMul", "y").Bytes(), .. nested];
        Assert.Equal("2-2", ModelFiles.Load(file).Shape);
    }

    private static byte[] FileOf(ProtobufWriter graph) => new ProtobufWriter().Integer(OnnxSchema.Model.IrVersion, 7)
        .Message(OnnxSchema.Model.OpsetImport, new ProtobufWriter().Integer(OnnxSchema.OperatorSet.Version, 13)).Message(OnnxSchema.Model.Graph, graph).Written.ToArray();

    private static OnnxForge Model() => new();

    private static Network LoadWithin(byte[] file, long bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            return ModelFiles.Load(file);
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, bytes + file.Length);
        }
    }

    private static void AssertScores(float[] expected, OnnxForge model)
    {
        Network network = ModelFiles.Load(model.Bytes());
        using var workspace = Workspace.For(network, 1);
        float[] scores = new float[network.Outputs];
        network.Predict([1, -2], scores, workspace);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], scores[i], 1e-5f);
    }

    private static TheoryData<string, string> MakeFaults()
    {
        var faults = new TheoryData<string, string>();
        void Add(string expected, OnnxForge model) => faults.Add(expected, Convert.ToBase64String(model.Bytes()));
        OnnxForge Layer() => Model().Node("x W", "MatMul", "g");

        Add("node 0 (Conv): the operator is not supported; supported are Gemm", Model().Node("x W", "Conv", "c").Node("c W", "MatMul", "g").Node("g", "Selu", "y"));
        Add("node 0 (com.microsoft.FusedGemm): the operator", Model().Node("x W", "com.microsoft:FusedGemm", "y"));
        Add("attribute 'transA' is not supported", Model().Node("x W", "Gemm", "y", OnnxForge.Integer("transA", 1)));
        Add("attribute 'broadcast' is not supported", Model().Node("x W", "Gemm", "y", OnnxForge.Integer("broadcast", 1)));
        Add("attribute 'alpha' is no finite number", Model().Node("x W", "Gemm", "y", OnnxForge.Integer("alpha", 1)));
        Add("attribute 'alpha' is no finite number", Model().Node("x W", "Gemm", "y", OnnxForge.Float("alpha", float.NaN)));
        Add("attribute 'alpha' stands twice", Model().Node("x W", "Gemm", "y", OnnxForge.Float("alpha", 1), OnnxForge.Float("alpha", 1)));
        Add("opset 6, expected 7 or later", new OnnxForge { Opset = 6 }.Node("x W", "MatMul", "y"));
        Add("the graph has 2 inputs", Model().Inputs(OnnxForge.Input("x", -1, 2), OnnxForge.Input("z", -1, 2)).Node("x W", "MatMul", "y"));
        Add("the graph has 0 inputs", Model().Inputs().Node("x W", "MatMul", "y"));
        Add("the input 'x' has elements of float64", Model().Inputs(OnnxForge.Value(OnnxSchema.Graph.Input, "x", OnnxForge.Double, -1, 2)).Node("x W", "MatMul", "y"));
        Add("input is [?, 1, 2], expected [batch, inputs] or a Flatten", Model().Inputs(OnnxForge.Input("x", -1, 1, 2)).Node("x W", "MatMul", "y"));
        Add("input is [2], expected [batch, inputs]", Model().Inputs(OnnxForge.Input("x", 2)).Node("x W", "MatMul", "y"));
        Add("the weights take 2 values, the graph's input is [?, 3]", Model().Inputs(OnnxForge.Input("x", -1, 3)).Node("x W", "MatMul", "y"));
        Add("2 outputs, 2 of them scores", Layer().Node("g", "Relu", "y").Outputs(OnnxForge.Output("g"), OnnxForge.Output("y")));
        Add("'y' is neither the graph's input nor computed", Layer());
        Add("the graph has no Gemm or MatMul", Model().Node("x", "Identity", "y"));
        Add("the nodes are a circle", Model().Node("q", "Relu", "y").Node("y", "Relu", "q"));
        Add("the value 'y' is computed twice", Layer().Node("g", "Relu", "y").Node("g", "Tanh", "y"));
        Add("its output 'mask' is not supported", Layer().Node("g", "Dropout", "d mask").Node("mask", "Relu", "y"));
        Add("takes nothing that comes from the graph's input", Model().Node("W b", "Gemm", "y"));
        Add("its input 'z' is not there", Model().Node("x z", "MatMul", "y"));
        Add("its input 'g' is computed by node 0 (MatMul), expected a constant", Layer().With("V", [2, 2], 1, 0, 0, 1).Node("g V", "MatMul", "h").Node("h g", "Add", "y"));
        Add("its input 'V' is computed by node 0 (Mul)", Model().Node("W W", "Mul", "V").Node("x V", "MatMul", "y"));
        Add("its input 'x' is the graph's input, expected a constant", Model().Node("W x", "MatMul", "y"));
        Add("constant 'W' has the shape [4], expected a matrix", Model().With("W", [4], 1, 2, 3, 4).Node("x W", "MatMul", "y"));
        Add("constant 'W' has the shape [0, 2]", Model().With("W", [0, 2]).Node("x W", "MatMul", "y"));
        Add("constant 'W' has the shape [-2, -2]", Model().With("W", OnnxForge.TensorHead("W", [-2, -2])).Node("x W", "MatMul", "y"));
        Add("constant 'W' has 8 bytes of data, its shape [2, 2] needs 16", Model().With("W", [2, 2], 1, 2).Node("x W", "MatMul", "y"));
        Add("constant 'W' has elements of float64, expected float32", Model().With("W", OnnxForge.TensorHead("W", [2, 2], OnnxForge.Double)).Node("x W", "MatMul", "y"));
        Add("constant 'W' has elements of type 99", Model().With("W", OnnxForge.TensorHead("W", [2, 2], 99)).Node("x W", "MatMul", "y"));
        Add("layer 1 has a weight that is not finite", Model().With("W", [2, 2], 1, float.NaN, 0, 0).Node("x W", "MatMul", "y"));
        Add("layer 1 has a bias that is not finite", Model().With("b", [2], 1, float.PositiveInfinity).Node("x W b", "Gemm", "y"));
        Add("layer 1 has a weight that is not finite", Model().With("W", [2, 2], 1, 3e38f, 0, 0).Node("x W", "Gemm", "y", OnnxForge.Float("alpha", 10)));
        Add("constant 'b' has the shape [3], expected [2]: it is the bias of node 0 (Gemm)", Model().With("b", [3], 1, 2, 3).Node("x W b", "Gemm", "y"));
        Add("constant 'b' has the shape [2, 1], expected [2]", Model().With("b", [2, 1], 1, 2).Node("x W b", "Gemm", "y"));
        Add("the weights take 3 values, the layer before gives 2", Layer().With("V", [3, 1], 1, 2, 3).Node("g V", "MatMul", "y"));
        Add("'W' is the weights of a second layer", Layer().Node("g W", "MatMul", "y"));
        Add("is a second bias of one layer", Layer().Node("g b", "Add", "a").Node("a b", "Add", "y"));
        Add("expected it behind a Gemm or MatMul, as its bias", Model().Node("x b", "Add", "a").Node("a W", "MatMul", "y"));
        Add("expected it behind a Gemm or MatMul, as its bias", Layer().Node("g", "Relu", "r").Node("r b", "Add", "y"));
        Add("is a second activation of one layer", Layer().Node("g", "Relu", "r").Node("r", "Tanh", "y"));
        Add("node 0 (Relu): expected it behind a Gemm or MatMul", Model().Node("x", "Relu", "r").Node("r W", "MatMul", "y"));
        Add("the bounds are 0 and 6", Layer().With("l", [], 0).With("u", [], 6).Node("g l u", "Clip", "y"));
        Add("constant 'l' has the shape [2], expected one number", Layer().With("l", [2], 0, 0).Node("g l", "Clip", "y"));
        Add("attribute 'alpha' is not 1", Layer().Node("g", "Elu", "y", OnnxForge.Float("alpha", 2)));
        Add("attribute 'alpha' is 2, expected above 0 and at most 1", Layer().Node("g", "LeakyRelu", "y", OnnxForge.Float("alpha", 2)));
        Add("expected a rise", Layer().Node("g", "HardSigmoid", "y", OnnxForge.Float("alpha", -1)));
        Add("a Max or a Min alone", Model().With("l", [2], 0, 0).Node("x l", "Max", "m").Node("m W", "MatMul", "y"));
        Add("expected one Max and one Min, of the graph's input", Layer().Node("g b", "Max", "y"));
        Add("The bounds 1 and 0 of input 0 are not finite and in order", Model().With("l", [2], 1, 1).With("u", [2], 0, 0).Node("x l", "Max", "m").Node("m u", "Min", "n").Node("n W", "MatMul", "y"));
        Add("but 3 and 2 are clipped before it", Model().With("l", [3], 1, 1, 1).Node("x l", "Max", "m").Node("m b", "Min", "n").Node("n W", "MatMul", "y"));
        Add("node 1 (Softmax): is supported at the end alone, not before node 2 (MatMul)", Layer().With("V", [2, 1], 1, 2).Node("g", "Softmax", "s").Node("s V", "MatMul", "y"));
        Add("stands behind the activation relu, expected a linear layer", Layer().Node("g", "Relu", "r").Node("r", "Softmax", "y"));
        Add("attribute 'axis' is not the classes'", Layer().Node("g", "Softmax", "y", OnnxForge.Integer("axis", 0)));
        Add("attribute 'axis' is not 1", Model().Node("x", "Flatten", "f", OnnxForge.Integer("axis", 0)).Node("f W", "MatMul", "y"));
        Add("the shape is [1, 2, 1], expected [-1, 2]", Model().With("s", OnnxForge.Shape("s", 1, 2, 1)).Node("x s", "Reshape", "r").Node("r W", "MatMul", "y"));
        Add("the shape is [-1, 4], expected [-1, 2]", Model().With("s", OnnxForge.Shape("s", -1, 4)).Node("x s", "Reshape", "r").Node("r W", "MatMul", "y"));
        Add("to float64, expected float32", Model().Node("x", "Cast", "c", OnnxForge.Integer("to", OnnxForge.Double)).Node("c W", "MatMul", "y"));
        Add("'W' is kept in another file", Model().With("W", OnnxForge.TensorHead("W", [2, 2]).Message(OnnxSchema.Tensor.ExternalData, new ProtobufWriter().Text(1, "location").Text(2, "/etc/passwd"))).Node("x W", "MatMul", "y"));
        Add("'W' is kept in another file", Model().With("W", OnnxForge.TensorHead("W", [2, 2]).Integer(OnnxSchema.Tensor.DataLocation, 1)).Node("x W", "MatMul", "y"));
        Add("the constant 'W' stands twice", Model().With("other", OnnxForge.Tensor("W", [1], 1)).Node("x W", "MatMul", "y"));
        Add("metadata 'format' is 'lpom-9'", Layer().Node("g", "Relu", "y").Metadata("format", "lpom-9"));
        Add("metadata 'loss' is 'hinge'", Layer().Node("g", "Relu", "y").Metadata("format", "lpom-1").Metadata("loss", "hinge"));
        Add("Cross-entropy needs a linear output layer, not relu", Layer().Node("g", "Relu", "y").Metadata("format", "lpom-1").Metadata("loss", "cross-entropy"));
        Add("metadata 'k' stands twice", Layer().Node("g", "Relu", "y").Metadata("k", "1").Metadata("k", "2"));
        return faults;
    }
}
