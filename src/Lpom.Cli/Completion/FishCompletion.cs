using System.CommandLine;
using Lpom.Cli.Options;

namespace Lpom.Cli.Completion;

/// <summary>Completion in fish: a line for each command, option and argument.</summary>
internal static class FishCompletion
{
    private static readonly string Models =
        $"""
        # Models and folders; where there are none, any other name may be a model's.
        function __lpom_models
            set -l paths (complete -C "__fish_command_without_completions "(commandline -ct))
            string match -r '^.*(?:\.(?:{string.Join('|', ValueHint.ModelExtensions)})|/)$' $paths
            or string join \n $paths
        end

        """;

    public static void Write(CommandNode root, TextWriter output)
    {
        output.WriteLine($"# fish completion for lpom {VersionAction.Number}, made by 'lpom completions fish'\n");
        WriteCondition(root, output);
        output.WriteLine(Models);
        output.WriteLine("complete -c lpom -f");
        foreach (CommandNode node in root.All)
        {
            string start = $"complete -c lpom -n '__lpom_calls {node.Words}'";
            foreach (Command command in node.Command.Subcommands)
                output.WriteLine($"{start} -a {command.Name} -d {Quoted(command.Description ?? "")}");
            foreach (Option option in node.Options)
                output.WriteLine($"{start}{Names(option)}{Value(option)} -d {Quoted(Summary(option))}");
            foreach (ValueHint hint in node.Command.Arguments.Select(ValueHint.Of).Where(hint => hint.IsKnown))
                output.WriteLine($"{start}{Offered(hint)}");
        }
    }

    private static void WriteCondition(CommandNode root, TextWriter output)
    {
        string known = string.Join(' ', root.All.Skip(1).Select(node => $"'{node.Words}'"));
        output.WriteLine("# Whether the words before the cursor call this command.");
        output.WriteLine("function __lpom_calls");
        output.WriteLine("    set -l words (commandline -opc)");
        output.WriteLine("    set -l command lpom");
        output.WriteLine("    for word in $words[2..]");
        output.WriteLine($"        if contains -- \"$command $word\" {known}");
        output.WriteLine("            set command \"$command $word\"");
        output.WriteLine("        end");
        output.WriteLine("    end");
        output.WriteLine("    test \"$command\" = \"$argv\"");
        output.WriteLine("end\n");
    }

    private static string Names(Option option) => string.Concat(OptionText.Names(option).Select(name =>
        name.StartsWith("--", StringComparison.Ordinal) ? $" -l {name[2..]}" : $" -s {Quoted(name[1..])}"));

    private static string Summary(Option option) => OptionText.Summary(option, OptionText.IsFlag(option) ? [] : ValueHint.Of(option).Names);

    private static string Value(Option option) => OptionText.IsFlag(option) ? "" : $" -r{Offered(ValueHint.Of(option))}";

    private static string Offered(ValueHint hint)
    {
        string names = string.Join(' ', hint.Names);
        if (hint.IsList)
            return $" -f -a \"(__fish_append , {names})\"";
        return hint.Paths switch
        {
            PathKind.Folder => " -f -a '(__fish_complete_directories)'",
            PathKind.Model => " -f -a '(__lpom_models)'",
            _ => $" {(hint.Paths == PathKind.File ? "-F" : "-f")}{(names.Length > 0 ? $" -a '{names}'" : "")}",
        };
    }

    private static string Quoted(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
