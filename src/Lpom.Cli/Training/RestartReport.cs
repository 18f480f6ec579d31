using System.Globalization;
using System.Text.Json;

namespace Lpom.Cli.Training;

/// <summary>Training diverged and goes on with smaller steps.</summary>
/// <param name="Problem">What went wrong.</param>
/// <param name="Epochs">Whole epochs behind the network that it goes on from.</param>
/// <param name="Number">Of the restart, from 1.</param>
/// <param name="Part">Of the size of the steps that were asked for.</param>
internal readonly record struct RestartReport(string Problem, int Epochs, int Number, float Part)
{
    private string From => Epochs == 0 ? "from the start" : $"after epoch {Epochs}";

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"training diverged in epoch {Epochs + 1}: {Problem}; it goes on {From} with steps of {Part:G4} of the size");

    public static void Write(Utf8JsonWriter json, RestartReport report)
    {
        json.WriteString("event", "restart");
        json.WriteNumber("number", report.Number);
        json.WriteNumber("epochs", report.Epochs);
        json.WriteNumber("stepPart", report.Part);
        json.WriteString("problem", report.Problem);
    }
}
