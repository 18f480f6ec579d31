using System.Text.Json;
using Lpom.Data;

namespace Lpom.Cli.Tests.Support;

/// <summary>One training with default options, shared by the tests that need a model.</summary>
public sealed class TrainedDigits : TestFolder
{
    public TrainedDigits()
    {
        Ran = LpomProcess.Run(FullName, "train", "--json");
        File.WriteAllLines(this["digits-inputs.csv"], Rows(DigitsRaw));
    }

    public const string Model = "model.safetensors";

    public Ran Ran { get; }

    public JsonElement Done => Ran.Json[^1];

    /// <summary>The digits as they are in the file: values 0…16.</summary>
    public static Dataset DigitsRaw { get; } = NamedData.Load("digits").WithPreprocessing(Preprocessing.Identity);

    private static IEnumerable<string> Rows(Dataset data)
    {
        float[] row = new float[data.Features];
        for (int i = 0; i < data.All.Rows; i++)
        {
            data.All.CopyInputs(i, 1, row, row.Length);
            yield return string.Join(',', row);
        }
    }
}
