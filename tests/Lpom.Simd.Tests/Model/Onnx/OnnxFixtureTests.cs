using System.Text.Json;
using Lpom.Simd.Model;
using Lpom.Simd.Tests.Architecture;

namespace Lpom.Simd.Tests.Model.Onnx;

/// <summary>Models as other programs write them: those of Fixtures/make.py.</summary>
public class OnnxFixtureTests
{
    [Theory]
    [InlineData("pytorch-classifier", "6-5-4-3", "relu,leaky-relu,identity", Loss.CrossEntropy)]
    [InlineData("pytorch-activations", "6-5-5-5-5-5-5-5-5-3", "tanh,hard-sigmoid,hard-tanh,elu,softplus,sigmoid,clip01,leaky-relu-0.2,identity", Loss.CrossEntropy)]
    [InlineData("pytorch-opset9", "6-5-3", "hard-tanh,identity", Loss.LeastSquares)]
    [InlineData("pytorch-unfolded", "6-4-4-4", "relu,relu,identity", Loss.LeastSquares)]
    [InlineData("sklearn-classifier", "4-6-5-3", "relu,relu,identity", Loss.CrossEntropy)]
    [InlineData("sklearn-regressor", "4-5-1", "tanh,identity", Loss.LeastSquares)]
    public void A_model_of_another_program_has_its_scores(string name, string shape, string activations, Loss loss)
    {
        Network network = Network.Load(Fixture(name));
        Assert.Equal((shape, activations, loss), (network.Shape, network.Metadata["activations"], network.Loss));
        JsonElement expected = Expected.GetProperty(name);
        float[][] inputs = Rows(expected, "inputs"), outputs = Rows(expected, "outputs");
        using var workspace = Workspace.For(network, 1);
        for (int row = 0; row < inputs.Length; row++)
        {
            float[] scores = new float[network.Outputs];
            network.Predict(inputs[row], scores, workspace);
            // Logits here; the probabilities there, or their logarithms, say the same.
            if (loss == Loss.CrossEntropy) scores = Softmax(scores);
            for (int i = 0; i < scores.Length; i++) Assert.Equal(name == "pytorch-classifier" ? MathF.Exp(outputs[row][i]) : outputs[row][i], scores[i], 1e-5f);
        }
    }

    [Theory]
    [InlineData("pytorch-convolution", "node '/0/Conv' (Conv): the operator is not supported")]
    [InlineData("external", "constant '0.weight' is kept in another file")]
    public void A_model_that_is_not_supported_is_refused_with_the_first_reason(string name, string expected)
    {
        string message = Assert.Throws<ModelFormatException>(() => Network.Load(Fixture(name))).Message;
        Assert.Contains(expected, message);
        Assert.StartsWith(Fixture(name), message);
    }

    [Fact]
    public void What_another_program_wrote_is_kept_apart_from_this_librarys_metadata()
    {
        Network network = Network.Load(Fixture("pytorch-classifier"));
        Assert.Equal("pytorch 1.13.0", network.Metadata["onnx.producer"]);
        Assert.Equal(["activations", "format", "layers", "loss", "onnx.producer"], network.Metadata.Keys);
    }

    [Theory]
    [InlineData("pytorch-activations")]
    [InlineData("sklearn-classifier")]
    public void A_model_of_another_program_becomes_safetensors_and_ONNX_of_this_one(string name)
    {
        Network network = Network.Load(Fixture(name));
        byte[] safetensors = ModelFiles.Bytes(network), onnx = ModelFiles.Bytes(network, ModelFormat.Onnx);
        Assert.Equal(safetensors, ModelFiles.Bytes(ModelFiles.Load(safetensors)));
        Assert.Equal(safetensors, ModelFiles.Bytes(ModelFiles.Load(onnx)));
    }

    [Theory]
    [InlineData("pytorch-classifier")]
    [InlineData("sklearn-classifier")]
    public void A_model_of_another_program_cut_at_any_byte_is_refused_and_changed_at_any_byte_loads_or_is_refused(string name)
    {
        byte[] bytes = File.ReadAllBytes(Fixture(name));
        for (int i = 0; i < bytes.Length; i++)
        {
            Assert.Throws<ModelFormatException>(() => ModelFiles.Load(bytes[..i]));
            byte[] changed = [.. bytes];
            changed[i] ^= (byte)(1 << (i % 8));
            Exception? e = Record.Exception(() => ModelFiles.Load(changed));
            Assert.True(e is null or ModelFormatException, $"changed at {i}: {e}");
        }
    }

    private static JsonElement Expected { get; } = JsonDocument.Parse(File.ReadAllBytes(RepositoryFiles.Path(Folder, "expected.json"))).RootElement;

    private const string Folder = "tests/Lpom.Simd.Tests/Model/Onnx/Fixtures";

    private static string Fixture(string name) => RepositoryFiles.Path(Folder, $"{name}.onnx");

    private static float[][] Rows(JsonElement model, string which) =>
        [.. model.GetProperty(which).EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetSingle()).ToArray())];

    private static float[] Softmax(float[] scores)
    {
        float[] powers = [.. scores.Select(score => MathF.Exp(score - scores.Max()))];
        return [.. powers.Select(power => power / powers.Sum())];
    }
}
