using System.CommandLine;
using Lpom.Cli.Describing;
using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Data;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom data describe</c>: what data is, and what <c>train</c> does with it.</summary>
internal static class DescribeVerb
{
    public const string Name = "describe";

    public const string Examples =
        """
          lpom data describe flats.csv                    rows, columns and their roles, gaps, the first rows
          lpom data describe flats.csv --target price     with another column to learn
          lpom data describe flowers/ --resize 32x32      a folder of PNG images by class
          lpom data describe mnist --data-dir ~/mnist --json
        """;

    public static Command Create()
    {
        Argument<string> data = new Argument<string>("DATA")
        {
            Description = "Data as --data of train takes it: a name, a file or a folder",
            HelpName = CommonOptions.DataPlaceholder,
            CompletionSources = { static _ => NamedData.Names },
        }.RefusingOptions();
        Option<string> dataDir = CommonOptions.DataDir();
        Option<string> target = CommonOptions.Target();
        Option<ImageSize?> resize = CommonOptions.Resize();
        Option<bool> json = CommonOptions.Json();
        var command = new Command(Name, "Show what data is, and what train does with it") { data, dataDir, target, resize, json };
        command.SetAction(parsed =>
        {
            string name = parsed.GetValue(data)!;
            if (string.IsNullOrWhiteSpace(name))
                throw new BadInputException($"{CommonOptions.DataPlaceholder}: '{name}' is no name of data");
            var request = new DataRequest { Target = parsed.GetValue(target), Resize = parsed.GetValue(resize) };
            return Print(DataDescription.Of(name, parsed.GetValue(dataDir), request), parsed.GetValue(json));
        });
        return command;
    }

    private static int Print(DataDescription description, bool isJson)
    {
        using var output = new Output(immediate: false);
        if (isJson)
            output.Json(description, DescriptionJson.Write);
        foreach (string line in isJson ? [] : DescriptionText.Lines(description))
            output.Line(line);
        output.Flush();
        return ExitCodes.Done;
    }
}
