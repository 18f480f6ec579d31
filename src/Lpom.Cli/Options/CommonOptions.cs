using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Lpom.Cli.Reports;
using Lpom.Data;

namespace Lpom.Cli.Options;

/// <summary>Makes options whose values are checked while they are parsed, with messages for people.</summary>
internal static class CommonOptions
{
    /// <summary>How messages about mistyped names start.</summary>
    public const string Unknown = "unknown ";

    /// <summary>What the help calls values: by it completions know what may stand there.</summary>
    public const string DataPlaceholder = "NAME|PATH", FolderPlaceholder = "DIR", FilePlaceholder = "FILE", ModelPlaceholder = "MODEL";

    /// <summary>Ends the placeholder of one or more names that are joined by commas.</summary>
    public const string ListEnd = ",…";

    private const int MaxThreads = 1024;

    public static Option<bool> Json() => new("--json") { Description = "One JSON object a line on the standard output, nothing else there" };

    public static Option<string> Data(string description) =>
        new Option<string>("--data") { Description = description, HelpName = DataPlaceholder, CompletionSources = { static _ => NamedData.Names } }.NotEmpty();

    public static Option<string> Target() => new("--target") { Description = "Column of a CSV file to learn, by its name or its number from 1 [default: the last]", HelpName = "COLUMN" };

    /// <summary>The size that images of a folder are brought to; null when the option is not given.</summary>
    public static Option<ImageSize?> Resize() => new("--resize")
    {
        Description = "Size, width x height, that the PNG images of a folder are brought to, such as 28x28 [default: none, images of several sizes are an error]",
        HelpName = "WxH",
        CustomParser = static result =>
        {
            if (ImageSize.TryParse(Text(result), out ImageSize size))
                return size;
            result.AddError($"--resize: expected width and height from 1 to {ImageSize.MostSide}, such as 28x28; found '{Text(result)}'");
            return null;
        },
    };

    public static Option<string> DataDir() => Folder("--data-dir", "Folder to look for named data in first (then $LPOM_DATA, ~/.cache/lpom, /usr/share/datasets)");

    public static Option<string> Folder(string name, string description) => new Option<string>(name) { Description = description, HelpName = FolderPlaceholder }.NotEmpty();

    public static Option<string> File(string name, string description) => new Option<string>(name) { Description = description, HelpName = FilePlaceholder }.NotEmpty();

    /// <summary>Where a report goes; null for nowhere.</summary>
    public static Option<string> Report() => File("--report", "HTML file for a report: curves, mistakes, weights, what is needed to do it again");

    /// <summary>Where the report that is asked for goes, checked; null when none is.</summary>
    /// <exception cref="BadInputException">No file can be written there.</exception>
    public static ReportTarget? ReportOf(ParseResult parsed, Option<string> option) => parsed.GetValue(option) is string path ? new ReportTarget(path) : null;

    public static Option<int?> Threads(string description = "Threads; the result does not depend on it") =>
        Integer("--threads", 1, MaxThreads, $"{description} [default: all processors]");

    /// <summary>Numbers of threads: <c>2</c>, <c>1,2,4</c> or <c>1..4</c>; each once, from the least; none when the option is not given.</summary>
    public static Option<int[]> ThreadCounts(string description) => new("--threads")
    {
        Description = description,
        HelpName = "N|N,M|N..M",
        CustomParser = result =>
        {
            if (ParseCounts(Text(result)) is { } counts)
                return counts;
            result.AddError($"--threads: expected whole numbers from 1 to {MaxThreads}, such as 2, 1,2,4 or 1..4; found '{Text(result)}'");
            return [];
        },
    };

    /// <summary>Whole networks' widths, each as <see cref="LayerSpec.WidthsOf"/> reads it.</summary>
    public static Option<string[]> Networks(string name, IEnumerable<string> otherwise)
    {
        Option<string[]> option = new(name)
        {
            Description = $"Widths from inputs to classes of a network to measure; may be repeated [default: {string.Join(' ', otherwise)}]",
            HelpName = "WIDTHS",
        };
        option.Validators.Add(result =>
        {
            foreach (Token token in result.Tokens)
            {
                if (!LayerSpec.TryParse(token.Value, out int[] widths, out string problem))
                    result.AddError($"{name}: {problem}");
                else if (widths.Length < 2)
                    result.AddError($"{name}: expected widths from inputs to classes, such as 784-300-10; found '{token.Value}'");
            }
        });
        return option;
    }

    public static Option<string> Precision() =>
        Choice("--precision", PrecisionNames.All, PrecisionNames.All[0], "How the model's weights are stored while it is used; less than float32 rounds them");

    public static Argument<string> Model() => new Argument<string>(ModelPlaceholder) { Description = "Model file (safetensors or ONNX)" }.RefusingOptions();

    /// <summary>An integer in a range; null when the option is not given.</summary>
    public static Option<int?> Integer(string name, int least, int most, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            if (int.TryParse(Text(result), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most)
                return value;
            result.AddError($"{name}: expected a whole number from {least} to {most}, found '{Text(result)}'");
            return null;
        },
    };

    public static Option<ulong> Seed(string name, ulong otherwise, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            if (ulong.TryParse(Text(result), NumberStyles.None, CultureInfo.InvariantCulture, out ulong value))
                return value;
            result.AddError($"{name}: expected a whole number from 0 to {ulong.MaxValue}, found '{Text(result)}'");
            return 0;
        },
    };

    public static Option<float?> Positive(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "X",
        CustomParser = result =>
        {
            if (float.TryParse(Text(result), NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && value > 0 && float.IsFinite(value))
                return value;
            result.AddError($"{name}: expected a positive number, found '{Text(result)}'");
            return null;
        },
    };

    /// <summary>A number from 0 to below 1; null when the option is not given.</summary>
    public static Option<float?> Fraction(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "X",
        CustomParser = result =>
        {
            if (float.TryParse(Text(result), NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && value >= 0 && value < 1)
                return value;
            result.AddError($"{name}: expected a number from 0 to below 1, found '{Text(result)}'");
            return null;
        },
    };

    /// <summary>One name of several.</summary>
    public static Option<string> Choice(string name, IReadOnlyList<string> known, string otherwise, string description)
    {
        Option<string> option = Choice(name, known, description);
        option.Required = false;
        option.DefaultValueFactory = _ => otherwise;
        return option;
    }

    /// <summary>One name of several, which must be given.</summary>
    public static Option<string> Choice(string name, IReadOnlyList<string> known, string description) => new(name)
    {
        Description = $"{description}: {string.Join(' ', known)}",
        HelpName = "NAME",
        Required = true,
        CompletionSources = { _ => known },
        CustomParser = result =>
        {
            string text = Text(result);
            if (!known.Contains(text))
                result.AddError(UnknownName(name, text, known));
            return text;
        },
    };

    /// <summary>An argument that is one name of several.</summary>
    public static Argument<string> ChoiceArgument(string placeholder, IReadOnlyList<string> known, string description)
    {
        Argument<string> argument = new(placeholder) { Description = description, HelpName = placeholder, CompletionSources = { _ => known } };
        argument.RefusingOptions().Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string text }] && !text.StartsWith('-') && !known.Contains(text))
                result.AddError(UnknownName(placeholder, text, known));
        });
        return argument;
    }

    /// <summary>The message for a name that is none of those known.</summary>
    public static string UnknownName(string option, string text, IReadOnlyList<string> known) =>
        $"{option}: unknown name '{text}'{NearestName.Hint(text, known)} (known: {string.Join(", ", known)})";

    /// <summary>Takes a mistyped option for what it is, not for the argument's value.</summary>
    public static Argument<string> RefusingOptions(this Argument<string> argument)
    {
        argument.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: ['-', _, ..] } token])
                result.AddError(UnknownOption(token.Value, result));
        });
        return argument;
    }

    /// <summary>The message for an option or command that the verb does not have.</summary>
    public static string UnknownOption(string text, SymbolResult place)
    {
        SymbolResult? result = place;
        while (result is not null and not CommandResult)
            result = result.Parent;
        Command command = ((CommandResult)result!).Command;
        IEnumerable<string> known = text.StartsWith('-')
            ? command.Options.Concat(((CommandResult)result).Parent is CommandResult parent ? parent.Command.Options.Where(o => o.Recursive) : []).Select(o => o.Name)
            : command.Subcommands.Select(c => c.Name);
        string what = text.StartsWith('-') ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        string hint = NearestName.Hint(text, known);
        return $"{Unknown}{what} '{text}'{(hint.Length > 0 ? hint : $"; '{HelpOf(command)}' lists what there is")}";
    }

    private static int[]? ParseCounts(string text)
    {
        string[] ends = text.Split("..");
        int[] counts = [.. (ends.Length == 2 ? ends : text.Split(',')).Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : 0)];
        if (!Array.TrueForAll(counts, count => count is >= 1 and <= MaxThreads))
            return null;
        if (ends.Length != 2)
            return [.. counts.Distinct().Order()];
        return counts[0] <= counts[1] ? [.. Enumerable.Range(counts[0], counts[1] - counts[0] + 1)] : null;
    }

    private static Option<string> NotEmpty(this Option<string> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: string text }] && string.IsNullOrWhiteSpace(text))
                result.AddError($"{option.Name}: expected {option.HelpName}, found '{text}'");
        });
        return option;
    }

    private static string HelpOf(Command command) => $"{Path(command)} --help";

    private static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is Command parent ? $"{Path(parent)} {command.Name}" : command.Name;

    /// <summary>What the user gave for an option.</summary>
    public static string Text(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
}
