using System.CommandLine;
using System.Text.Json;
using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Data;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom data list</c>: the data known by name, and whether it is here.</summary>
internal static class DataVerb
{
    public const string Name = "data";

    public const string Examples =
        """
          lpom data list
          lpom data list --data-dir ~/data --json
        """;

    public static Command Create()
    {
        Option<string> dataDir = CommonOptions.DataDir();
        Option<bool> json = CommonOptions.Json();
        var list = new Command("list", "List named data: what it is, whether it is here, how to get it") { dataDir, json };
        list.SetAction(parsed =>
        {
            using var output = new Output(immediate: false);
            foreach (NamedDataSet set in NamedData.List(parsed.GetValue(dataDir)))
            {
                if (parsed.GetValue(json))
                    output.Json(set, Write);
                else
                    Print(set, output);
            }

            output.Flush();
            return ExitCodes.Done;
        });
        return new Command(Name, "Data known by name, and what data is") { list, DescribeVerb.Create() };
    }

    private static void Print(NamedDataSet set, Output output)
    {
        output.Line($"{set.Name,-14} {set.Description}");
        if (set.Location is not null)
        {
            output.Line($"{"",-14} found: {set.Location}");
            return;
        }

        output.Line($"{"",-14} not found{(set.Problem is null ? "" : $": {set.Problem}")}");
        output.Line($"{"",-14} {set.HowToGet}");
    }

    private static void Write(Utf8JsonWriter json, NamedDataSet set)
    {
        json.WriteString("name", set.Name);
        json.WriteString("description", set.Description);
        json.WriteBoolean("found", set.Location is not null);
        json.WriteString("location", set.Location);
        json.WriteString("problem", set.Problem);
        json.WriteString("howToGet", set.HowToGet);
    }
}
