using System.CommandLine;
using Lpom.Cli.Options;

namespace Lpom.Cli.Completion;

/// <summary>Completion in bash; it needs nothing of the bash-completion package.</summary>
internal static class BashCompletion
{
    private static readonly string Program =
        $$"""
        # Adds what compgen finds.
        __lpom_add() {
          local found
          mapfile -t found < <(compgen "$@" -- "$cur")
          COMPREPLY+=("${found[@]}")
        }

        # Adds files (-f) or folders (-d).
        __lpom_paths() {
          compopt -o filenames 2>/dev/null
          __lpom_add "$@"
        }

        # Adds models and folders; where there are none, any other name may be a model's.
        __lpom_models() {
          local extension
          for extension in {{string.Join(' ', ValueHint.ModelExtensions)}}; do
            __lpom_paths -f -X "!*.$extension"
          done
          __lpom_paths -d
          [[ ${#COMPREPLY[@]} -gt 0 ]] || __lpom_paths -f
        }

        # Adds the names that are not yet in a list joined by commas.
        __lpom_list() {
          local before='' left='' name
          [[ $cur != *,* ]] || before=${cur%,*},
          for name in $1; do
            [[ ,$before == *",$name,"* ]] || left+=" $name"
          done
          compopt -o nospace 2>/dev/null
          cur=${cur##*,} __lpom_add -P "$before" -W "$left"
        }

        _lpom() {
          local IFS=$' \t\n' cur=${COMP_WORDS[COMP_CWORD]} command=lpom option='' place=0 word commands options flags
          COMPREPLY=()
          __lpom_command "$command"
          for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
            # An option and its value may be three words: '--data', '=', 'mnist'.
            if [[ $word == = ]]; then
              continue
            elif [[ -n $option ]]; then
              option=''
            elif [[ $word == -* ]]; then
              [[ $word == *=* || " $flags " == *" $word "* ]] || option=$word
            elif [[ " $commands " == *" $word "* ]]; then
              command+=" $word"
              __lpom_command "$command"
            else
              place=$((place + 1))
            fi
          done
          [[ $cur != = ]] || cur=''
          if [[ -n $option ]]; then
            __lpom_value "$command $option"
          elif [[ $cur == -* ]]; then
            __lpom_add -W "$options"
          elif [[ -n $commands ]]; then
            __lpom_add -W "$commands"
          else
            __lpom_value "$command $place" || __lpom_add -W "$options"
          fi
        }

        complete -F _lpom lpom
        """;

    public static void Write(CommandNode root, TextWriter output)
    {
        output.WriteLine($"# bash completion for lpom {VersionAction.Number}, made by 'lpom completions bash'\n");
        WriteCommands(root, output);
        WriteValues(root, output);
        output.WriteLine(Program);
    }

    private static void WriteCommands(CommandNode root, TextWriter output)
    {
        output.WriteLine("# What a command has: commands, options, and those of the options that no value follows.");
        output.WriteLine("__lpom_command() {");
        output.WriteLine("  case $1 in");
        foreach (CommandNode node in root.All)
        {
            output.WriteLine($"    '{node.Words}')");
            output.WriteLine($"      commands='{string.Join(' ', node.Command.Subcommands.Select(command => command.Name))}'");
            output.WriteLine($"      options='{string.Join(' ', node.Options.SelectMany(OptionText.Names))}'");
            output.WriteLine($"      flags='{string.Join(' ', node.Options.Where(OptionText.IsFlag).SelectMany(OptionText.Names))}'");
            output.WriteLine("      ;;");
        }

        output.WriteLine("  esac\n}\n");
    }

    private static void WriteValues(CommandNode root, TextWriter output)
    {
        output.WriteLine("# Adds what may follow an option, or be the argument at a place from 0 on; fails where nothing is known of it.");
        output.WriteLine("__lpom_value() {");
        output.WriteLine("  case $1 in");
        foreach (CommandNode node in root.All)
        {
            foreach (Option option in node.Options.Where(option => !OptionText.IsFlag(option)))
                WriteValue(string.Join(" | ", OptionText.Names(option).Select(name => $"'{node.Words} {name}'")), ValueHint.Of(option), output);
            int place = 0;
            foreach (Argument argument in node.Command.Arguments)
                WriteValue($"'{node.Words} {place++}'", ValueHint.Of(argument), output);
        }

        output.WriteLine("    *) return 1 ;;");
        output.WriteLine("  esac\n}\n");
    }

    private static void WriteValue(string pattern, ValueHint hint, TextWriter output)
    {
        if (hint.IsKnown)
            output.WriteLine($"    {pattern}) {string.Join("; ", Actions(hint))} ;;");
    }

    private static IEnumerable<string> Actions(ValueHint hint)
    {
        if (hint.Names.Count > 0)
            yield return $"{(hint.IsList ? "__lpom_list" : "__lpom_add -W")} '{string.Join(' ', hint.Names)}'";
        if (hint.Paths == PathKind.Folder)
            yield return "__lpom_paths -d";
        if (hint.Paths == PathKind.File)
            yield return "__lpom_paths -f";
        if (hint.Paths == PathKind.Model)
            yield return "__lpom_models";
    }
}
