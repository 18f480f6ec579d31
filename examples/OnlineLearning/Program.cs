// A service that predicts without pause on one thread, while another learns from the same stream. Half-way, what the stream shows
// changes: black becomes white. Prints the accuracy over time of the network that learns, beside that of the one at the start.
using System.Diagnostics;
using System.Globalization;
using Lpom.Data;
using Lpom.Examples;
using Lpom.Simd.Kernels.Random;
using Lpom.Simd.Model;

const int windows = 10, queueCapacity = 1000;
const double samplesPerSecond = 5000, budgetMilliseconds = 2;
int samples = 20_000;
if (args.Length > 1 || (args.Length == 1 && !(int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out samples) && samples >= windows)))
{
    return BadInput.Report($"expected: OnlineLearning [SAMPLES], at least {windows}");
}

Dataset digits = NamedData.Load("digits");
Network start = Classifier.TrainOn(digits).Network;
using var workspace = Workspace.For(start, maxBatch: 1);
var queue = new SampleQueue(queueCapacity, start.Inputs);
using var learner = new Learner(start, digits.Train, queue, TimeSpan.FromMilliseconds(budgetMilliseconds));

float[] sample = new float[start.Inputs];
var random = new Rng(seed: 1);
int right = 0, rightAtStart = 0, lost = 0;
TimeSpan slowest = TimeSpan.Zero;
long begun = Stopwatch.GetTimestamp();
Console.WriteLine("samples   learning   not learning   stream");
for (int i = 0; i < samples; i++)
{
    while (Stopwatch.GetElapsedTime(begun).TotalSeconds < i / samplesPerSecond) Thread.Sleep(0);
    bool isInverted = i >= samples / 2;
    int label = Draw(digits.Test, ref random, isInverted, sample);

    long asked = Stopwatch.GetTimestamp();
    int answer = learner.Network.PredictLabel(sample, workspace);
    TimeSpan took = Stopwatch.GetElapsedTime(asked);
    if (took > slowest) slowest = took;

    if (answer == label) right++;
    if (start.PredictLabel(sample, workspace) == label) rightAtStart++;
    // The stream's truth comes after the prediction; what is learned from are training digits, so that no test digit is memorised.
    label = Draw(digits.Train, ref random, isInverted, sample);
    if (!queue.TryAdd(sample, label)) lost++;

    int window = samples / windows;
    if ((i + 1) % window != 0) continue;
    Console.WriteLine($"{i + 1,7}   {(double)right / window,8:F3}   {(double)rightAtStart / window,12:F3}   {(isInverted ? "inverted" : "as trained")}");
    (right, rightAtStart) = (0, 0);
}
Console.WriteLine(
    $"{learner.Steps} steps on {learner.Samples} samples, {learner.LateSteps} of them over {budgetMilliseconds} ms; {learner.Published} networks published; " +
    $"{lost} samples not learned from; slowest prediction {slowest.TotalMilliseconds:F2} ms");
return 0;

static int Draw(DataView view, ref Rng random, bool isInverted, float[] sample)
{
    int row = random.NextInt(view.Rows);
    view.CopyInputs(row, count: 1, sample, stride: sample.Length);
    for (int i = 0; isInverted && i < sample.Length; i++) sample[i] = 1 - sample[i];
    return view.Label(row);
}
