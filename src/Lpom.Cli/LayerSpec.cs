using System.Globalization;
using Lpom.Cli.Options;
using Lpom.Data;

namespace Lpom.Cli;

/// <summary>The widths given by <c>--layers</c>, joined with what the data fixes: inputs and classes.</summary>
internal static class LayerSpec
{
    /// <summary>The largest width accepted.</summary>
    public const int MaxWidth = 1_000_000;

    /// <summary>Reads widths such as <c>128</c> or <c>784-300-10</c>.</summary>
    /// <returns>False, and what is wrong, when a part is no width.</returns>
    public static bool TryParse(string text, out int[] widths, out string problem)
    {
        string[] parts = text.Split('-');
        widths = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out widths[i]) && widths[i] is >= 1 and <= MaxWidth)
                continue;
            problem = $"expected widths from 1 to {MaxWidth} joined by '-', such as 128 or 784-300-10; found '{text}'";
            return false;
        }

        problem = "";
        return true;
    }

    /// <summary>The widths in a text that <see cref="TryParse"/> takes.</summary>
    public static int[] WidthsOf(string text)
    {
        _ = TryParse(text, out int[] widths, out _);
        return widths;
    }

    /// <summary>The whole network for a task on some data: its outputs are the classes, or an autoencoder's inputs again.</summary>
    /// <exception cref="BadInputException">Exactly one end fits the data.</exception>
    public static int[] Resolve(TrainSettings settings, Dataset data) => settings.Task switch
    {
        LearningTask.Classify => Resolve(settings.Layers, data.Features, data.Classes, "classes"),
        LearningTask.Regress => Resolve(settings.Layers, data.Features, data.Outputs, data.Outputs == 1 ? "number to learn" : "numbers to learn"),
        _ => Resolve(settings.Layers, data.Features, data.Features, "inputs, an autoencoder's outputs"),
    };

    /// <summary>
    /// One width is a hidden layer. Of several, the first equal to the inputs and the last equal to the classes make the whole
    /// network; neither, and all are hidden layers.
    /// </summary>
    /// <param name="widths">As given.</param>
    /// <param name="inputs">The data's.</param>
    /// <param name="outputs">The data's classes, or an autoencoder's inputs again.</param>
    /// <param name="outputName">What errors call the outputs.</param>
    /// <returns>Inputs, hidden widths, outputs.</returns>
    /// <exception cref="BadInputException">Exactly one end fits the data.</exception>
    private static int[] Resolve(ReadOnlySpan<int> widths, int inputs, int outputs, string outputName)
    {
        if (widths.Length == 1)
            return [inputs, widths[0], outputs];
        bool first = widths[0] == inputs, last = widths[^1] == outputs;
        if (first && last)
            return widths.ToArray();
        if (!first && !last)
            return [inputs, .. widths, outputs];
        string given = string.Join('-', widths.ToArray());
        string whole = string.Join('-', (int[])[inputs, .. first ? widths[1..] : widths[..^1], outputs]);
        throw new BadInputException(first
            ? $"--layers {given}: the first width is the data's {inputs} inputs, but the last, {widths[^1]}, is not its {outputs} {outputName}; give the whole network, such as {whole}, or hidden widths only"
            : $"--layers {given}: the last width is the data's {outputs} {outputName}, but the first, {widths[0]}, is not its {inputs} inputs; give the whole network, such as {whole}, or hidden widths only");
    }
}
