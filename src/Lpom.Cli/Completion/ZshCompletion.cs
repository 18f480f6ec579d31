using System.CommandLine;
using Lpom.Cli.Options;

namespace Lpom.Cli.Completion;

/// <summary>Completion in zsh: a function for each command.</summary>
internal static class ZshCompletion
{
    private const string Start =
        """

        __lpom_names_or_files() {
          _alternative "names:name:($*)" 'files:file:_files'
        }

        """;

    // Loaded by its name from a folder of fpath, the file is the function's body; sourced, it has to say what it completes.
    private const string End =
        """
        if [[ $funcstack[1] == _lpom ]]; then
          _lpom "$@"
        else
          compdef _lpom lpom
        fi
        """;

    public static void Write(CommandNode root, TextWriter output)
    {
        output.WriteLine($"#compdef lpom\n# zsh completion for lpom {VersionAction.Number}, made by 'lpom completions zsh'");
        output.WriteLine(Start);
        foreach (CommandNode node in root.All)
            WriteFunction(node, output);
        output.WriteLine(End);
    }

    private static void WriteFunction(CommandNode node, TextWriter output)
    {
        CommandNode[] children = [.. node.Children];
        IEnumerable<string> specifications = node.Options.SelectMany(Specifications);
        output.WriteLine($"{Function(node)}() {{");
        if (children.Length == 0)
        {
            WriteArguments("_arguments", specifications.Concat(node.Command.Arguments.Select(Specification)), output);
        }
        else
        {
            output.WriteLine("  local curcontext=$curcontext context state state_descr line ret=1");
            output.WriteLine("  typeset -A opt_args");
            WriteArguments("_arguments -C", specifications.Concat(["'1:command:->command'", "'*::argument:->argument'"]), output, " && ret=0");
            WriteState(children, output);
        }

        output.WriteLine("}\n");
    }

    private static void WriteArguments(string command, IEnumerable<string> specifications, TextWriter output, string end = "") =>
        output.WriteLine($"  {string.Join(" \\\n    ", specifications.Prepend(command))}{end}");

    private static void WriteState(CommandNode[] children, TextWriter output)
    {
        output.WriteLine("  case $state in");
        output.WriteLine("    command)");
        output.WriteLine("      local -a commands=(");
        foreach (CommandNode child in children)
            output.WriteLine($"        {Quoted($"{child.Command.Name}:{child.Command.Description}")}");
        output.WriteLine("      )");
        output.WriteLine("      _describe -t commands command commands && ret=0");
        output.WriteLine("      ;;");
        output.WriteLine("    argument)");
        output.WriteLine("      case $words[1] in");
        foreach (CommandNode child in children)
            output.WriteLine($"        {child.Command.Name}) {Function(child)} && ret=0 ;;");
        output.WriteLine("      esac");
        output.WriteLine("      ;;");
        output.WriteLine("  esac");
        output.WriteLine("  return ret");
    }

    private static IEnumerable<string> Specifications(Option option)
    {
        ValueHint hint = ValueHint.Of(option);
        bool isFlag = OptionText.IsFlag(option);
        // What has an action of its own, help and version, is alone on the line.
        string others = option.Action is not null ? "(- *)" : option.Arity.MaximumNumberOfValues > 1 ? "*" : "";
        string summary = Escaped(OptionText.Summary(option, isFlag ? [] : hint.Names), '[', ']');
        string value = isFlag ? "" : $":{Escaped(hint.Placeholder, ':')}:{Action(hint)}";
        return OptionText.Names(option).Select(name => Quoted($"{others}{name}{(isFlag ? "" : "=")}[{summary}]{value}"));
    }

    private static string Specification(Argument argument)
    {
        ValueHint hint = ValueHint.Of(argument);
        return Quoted($"{(argument.Arity.MinimumNumberOfValues == 0 ? "::" : ":")}{Escaped(hint.Placeholder, ':')}:{Action(hint)}");
    }

    private static string Action(ValueHint hint)
    {
        string names = string.Join(' ', hint.Names);
        if (hint.IsList)
            return $"{{_values -s , name {names}}}";
        if (hint.Names.Count > 0)
            return hint.Paths == PathKind.None ? $"({names})" : $"{{__lpom_names_or_files {names}}}";
        return hint.Paths switch
        {
            PathKind.File => "_files",
            PathKind.Folder => "_files -/",
            PathKind.Model => $"_files -g \"*.({string.Join('|', ValueHint.ModelExtensions)})\"",
            _ => "",
        };
    }

    private static string Function(CommandNode node) => $"_{node.Words.Replace(' ', '_')}";

    private static string Escaped(string text, params ReadOnlySpan<char> special)
    {
        string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal);
        foreach (char character in special)
            escaped = escaped.Replace(character.ToString(), $"\\{character}", StringComparison.Ordinal);
        return escaped;
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
