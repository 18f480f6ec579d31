using Lpom.Data;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Simd.Tests.Architecture;

/// <summary>
/// The examples of the README and of the packages' READMEs are the code below, between the markers that name the file: they compile,
/// run and learn.
/// </summary>
public sealed class ReadmeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lpom-readme-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_library_example_trains_a_network_that_recognises_digits()
    {
        // <example README.md>
        Dataset digits = NamedData.Load("digits");
        Activation relu = Activation.Of(default(Relu)), linear = Activation.Of(default(Identity));
        Network start = NetworkInit.Glorot([digits.Features, 128, digits.Classes], relu, linear, Loss.CrossEntropy, seed: 1, hasBiases: true);
        var batches = new Batches(digits.Train, size: 100, seed: 1);
        using var trainer = new StreamingTrainer(start, new StreamingOptions { TotalSteps = 20 * batches.Count }, digits.Train);
        for (int epoch = 1; epoch <= 20; epoch++)
        {
            foreach (Batch batch in batches.Epoch(epoch)) trainer.Step(batch.Inputs, batch.Labels);
        }
        Network network = trainer.ToNetwork();

        float[] pixels = new float[digits.Features];
        digits.Test.CopyInputs(firstRow: 0, count: 1, pixels, stride: pixels.Length);
        using var workspace = Workspace.For(network, maxBatch: 1);
        int label = network.PredictLabel(pixels, workspace);
        // </example>

        Assert.Equal(digits.Test.Label(0), label);
        AssertRecognises(digits.Test, network);
    }

    [Fact]
    public void The_packages_examples_train_save_load_and_predict()
    {
        string path = Path.Combine(_folder, "model.safetensors");
        DataView test = TrainAsLpomDataShows(path);
        float[] sample = new float[test.Features];
        test.CopyInputs(0, 1, sample, sample.Length);

        // <example src/Lpom.Simd/PACKAGE.md>
        Network network = Network.Load(path);                        // safetensors or ONNX; immutable, for any number of threads
        using var workspace = Workspace.For(network, maxBatch: 1);   // what a prediction needs; one for each thread
        float[] scores = new float[network.Outputs];
        network.Predict(sample, scores, workspace);                  // allocates nothing
        int label = network.PredictLabel(sample, workspace);         // the index of the highest score
        // </example>

        Assert.Equal(scores.Max(), scores[label]);
        AssertRecognises(test, network);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("src/Lpom.Simd/PACKAGE.md")]
    [InlineData("src/Lpom.Data/PACKAGE.md")]
    public void A_readme_shows_its_example_as_it_is(string readme)
    {
        string source = File.ReadAllText(RepositoryFiles.Path("tests", "Lpom.Simd.Tests", "Architecture", "ReadmeTests.cs"));
        string marker = $"        // <example {readme}>\n";
        int from = source.IndexOf(marker, StringComparison.Ordinal) + marker.Length;
        int to = source.IndexOf("        // </example>", from, StringComparison.Ordinal);
        string example = string.Join('\n', source[from..to].TrimEnd().Split('\n').Select(line => line.Length > 8 ? line[8..] : line));

        string text = File.ReadAllText(RepositoryFiles.Path(readme.Split('/')));
        Assert.Contains($"{example}\n```", text);
        int fence = text.IndexOf("```csharp", StringComparison.Ordinal);
        string block = text[(text.IndexOf('\n', fence) + 1)..text.IndexOf(example, StringComparison.Ordinal)];
        string head = source[..source.IndexOf("namespace ", StringComparison.Ordinal)];
        Assert.All(block.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(line + "\n", head));
    }

    private static DataView TrainAsLpomDataShows(string path)
    {
        // <example src/Lpom.Data/PACKAGE.md>
        Dataset data = NamedData.Load("digits");   // or mnist, a folder, table.csv, set.npz
        Activation relu = Activation.Of(default(Relu)), linear = Activation.Of(default(Identity));
        Network start = NetworkInit.Glorot([data.Features, 128, data.Classes], relu, linear, Loss.CrossEntropy, seed: 1, hasBiases: true);
        var batches = new Batches(data.Train, size: 100, seed: 1);
        const int epochs = 20;
        using var trainer = new StreamingTrainer(start, new StreamingOptions { TotalSteps = epochs * batches.Count }, data.Train);
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            foreach (Batch batch in batches.Epoch(epoch)) trainer.Step(batch.Inputs, batch.Labels);
        }
        trainer.ToNetwork().Save(path);
        // </example>
        return data.Test;
    }

    private static void AssertRecognises(DataView test, Network network)
    {
        float[] pixels = new float[test.Features];
        using var workspace = Workspace.For(network, maxBatch: 1);
        int correct = 0;
        for (int row = 0; row < test.Rows; row++)
        {
            test.CopyInputs(row, 1, pixels, pixels.Length);
            if (network.PredictLabel(pixels, workspace) == test.Label(row)) correct++;
        }
        Assert.True(correct >= 0.96 * test.Rows, $"{correct} of {test.Rows}");
    }
}
