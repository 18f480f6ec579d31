// An activation of one's own: trained, saved, and loaded by handing it to Network.Load.
using Lpom.Data;
using Lpom.Examples;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training.Streaming;

// <example train>
const int epochs = 20;
Activation softShrink = Activation.Of(default(SoftShrink)), linear = Activation.Of(default(Identity));
Dataset digits = NamedData.Load("digits");
Network start = NetworkInit.Glorot([digits.Features, 128, digits.Classes], softShrink, linear, Loss.CrossEntropy, seed: 1, hasBiases: true);
var batches = new Batches(digits.Train, size: 100, seed: 1);
// </example>
string path = Path.Combine(Directory.CreateTempSubdirectory("lpom-").FullName, "model.safetensors");
try
{
    using (var trainer = new StreamingTrainer(start, new StreamingOptions { TotalSteps = epochs * batches.Count }, digits.Train))
    {
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            foreach (Batch batch in batches.Epoch(epoch)) trainer.Step(batch.Inputs, batch.Labels);
        }
        trainer.ToNetwork().Save(path);
    }
    try
    {
        Network.Load(path);
    }
    catch (ModelFormatException e)
    {
        Console.WriteLine($"without it: {e.Message.Replace(path, "model.safetensors")}");
    }
    // <example load>
    Network network = Network.Load(path, softShrink);
    // </example>
    Console.WriteLine($"with it: {network.Shape}, {network.Layers[0].Activation.Name}, test accuracy {Accuracy(network, digits.Test):F4}");
}
finally
{
    Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
}

static double Accuracy(Network network, DataView test)
{
    using var workspace = Workspace.For(network, maxBatch: 1);
    float[] pixels = new float[test.Features];
    int correct = 0;
    for (int row = 0; row < test.Rows; row++)
    {
        test.CopyInputs(row, count: 1, pixels, stride: pixels.Length);
        if (network.PredictLabel(pixels, workspace) == test.Label(row)) correct++;
    }
    return (double)correct / test.Rows;
}
