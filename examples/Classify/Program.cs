// Loads a model, or trains one on the built-in digits, and prints the class of each sample, a line each.
using Lpom.Data;
using Lpom.Examples;
using Lpom.Simd.Model;

if (args.Length > 2 || (args.Length > 0 && args[0].StartsWith('-')))
{
    return BadInput.Report("expected: Classify [MODEL [SAMPLES.csv|SAMPLES.npy]]");
}
try
{
    Classifier classifier = args.Length > 0 ? Classifier.Load(args[0]) : Classifier.TrainOn(NamedData.Load("digits"));
    Console.Error.WriteLine(args.Length > 0 ? $"{args[0]}: {classifier.Network.Shape}" : $"trained {classifier.Network.Shape} on the digits");
    if (args.Length == 2) ClassifyFile(classifier, args[1]);
    else ClassifyDigits(classifier);
    return 0;
}
catch (Exception e) when (BadInput.Is(e))
{
    return BadInput.Report(e.Message);
}

static void ClassifyFile(Classifier classifier, string path)
{
    using var workspace = Workspace.For(classifier.Network, maxBatch: 1);
    float[] values = new float[classifier.Network.Inputs];
    using ISamples samples = path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase) ? new NpySamples(path, values.Length) : new CsvSamples(path);
    while (samples.Read(values))
    {
        classifier.Preprocessing.Apply(values, values);
        Console.WriteLine(classifier.ClassNames[classifier.Network.PredictLabel(values, workspace)]);
    }
}

static void ClassifyDigits(Classifier classifier)
{
    Dataset digits = NamedData.Load("digits");
    if (digits.Features != classifier.Network.Inputs)
        throw new DataFormatException("digits", $"images of {digits.Features} values, the model takes {classifier.Network.Inputs}; give a file of samples.");
    DataView test = digits.WithPreprocessing(classifier.Preprocessing).Test;
    using var workspace = Workspace.For(classifier.Network, maxBatch: 1);
    float[] values = new float[test.Features];
    int correct = 0;
    for (int row = 0; row < test.Rows; row++)
    {
        test.CopyInputs(row, count: 1, values, stride: values.Length);
        int label = classifier.Network.PredictLabel(values, workspace);
        if (label == test.Label(row)) correct++;
        Console.WriteLine(classifier.ClassNames[label]);
    }
    Console.Error.WriteLine($"{correct} of the {test.Rows} digits of the test part are right");
}
