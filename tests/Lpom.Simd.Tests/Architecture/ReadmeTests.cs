using Lpom.Data;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training.Streaming;

namespace Lpom.Simd.Tests.Architecture;

/// <summary>The README's library example is the code below, between the markers: it compiles, runs and learns.</summary>
public class ReadmeTests
{
    [Fact]
    public void The_library_example_trains_a_network_that_recognises_digits()
    {
        // <example>
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

        int correct = label == digits.Test.Label(0) ? 1 : 0;
        for (int row = 1; row < digits.Test.Rows; row++)
        {
            digits.Test.CopyInputs(row, 1, pixels, pixels.Length);
            if (network.PredictLabel(pixels, workspace) == digits.Test.Label(row)) correct++;
        }
        Assert.True(correct >= 0.96 * digits.Test.Rows, $"{correct} of {digits.Test.Rows}");
    }

    [Fact]
    public void The_readme_shows_the_example_as_it_is()
    {
        string source = File.ReadAllText(RepositoryFiles.Path("tests", "Lpom.Simd.Tests", "Architecture", "ReadmeTests.cs"));
        int from = source.IndexOf("// <example>\n", StringComparison.Ordinal) + "// <example>\n".Length;
        int to = source.IndexOf("        // </example>", StringComparison.Ordinal);
        string example = string.Join('\n', source[from..to].TrimEnd().Split('\n').Select(line => line.Length > 8 ? line[8..] : line));
        Assert.Contains($"```csharp\n{example}\n```", File.ReadAllText(RepositoryFiles.Path("README.md")));
    }
}
