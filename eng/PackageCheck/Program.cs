// What a user of the packages does first: train on the digits, save, load, predict. Prints what eng/check-packages.sh compares.
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Lpom.Data;
using Lpom.Simd.Kernels.Width;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training.Streaming;

const int epochs = 20;
string path = args[0];

Dataset digits = NamedData.Load("digits");
Activation relu = Activation.Of(default(Relu)), linear = Activation.Of(default(Identity));
Network start = NetworkInit.Glorot([digits.Features, 128, digits.Classes], relu, linear, Loss.CrossEntropy, seed: 1, hasBiases: true);
var batches = new Batches(digits.Train, size: 100, seed: 1);
long begun = Stopwatch.GetTimestamp();
using (var trainer = new StreamingTrainer(start, new StreamingOptions { TotalSteps = epochs * batches.Count }, digits.Train))
{
    for (int epoch = 1; epoch <= epochs; epoch++)
    {
        foreach (Batch batch in batches.Epoch(epoch)) trainer.Step(batch.Inputs, batch.Labels);
    }
    trainer.ToNetwork().Save(path);
}
double milliseconds = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;

Network network = Network.Load(path);
using var workspace = Workspace.For(network, maxBatch: 1);
float[] pixels = new float[digits.Features];
int Correct()
{
    int correct = 0;
    for (int row = 0; row < digits.Test.Rows; row++)
    {
        digits.Test.CopyInputs(row, 1, pixels, pixels.Length);
        if (network.PredictLabel(pixels, workspace) == digits.Test.Label(row)) correct++;
    }
    return correct;
}

Correct();
long before = GC.GetAllocatedBytesForCurrentThread();
int correct = Correct();
long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
Console.WriteLine($"native: {!RuntimeFeature.IsDynamicCodeSupported}");
Console.WriteLine($"simd: {SimdLevel.Current}");
Console.WriteLine($"test accuracy: {(double)correct / digits.Test.Rows:F4} of {digits.Test.Rows} rows");
Console.WriteLine($"allocated per prediction: {allocated / digits.Test.Rows} bytes");
Console.Error.WriteLine($"training took {milliseconds:F0} ms");
