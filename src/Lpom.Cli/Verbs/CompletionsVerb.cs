using System.CommandLine;
using Lpom.Cli.Completion;
using Lpom.Cli.Options;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom completions</c>: the script by which a shell completes command lines of lpom, made of the options as they are defined.</summary>
internal static class CompletionsVerb
{
    public const string Name = "completions";

    public const string Examples =
        """
          lpom completions bash > ~/.local/share/bash-completion/completions/lpom
          lpom completions zsh > ~/.zfunc/_lpom           a folder of zsh's fpath
          lpom completions fish > ~/.config/fish/completions/lpom.fish
        """;

    private const string Bash = "bash", Zsh = "zsh", Fish = "fish";

    public static Command Create()
    {
        Argument<string> shell = CommonOptions.ChoiceArgument("SHELL", [Bash, Zsh, Fish], $"{Bash} {Zsh} {Fish}");
        var command = new Command(Name, "Print the script that completes commands, options and values in a shell") { shell };
        command.SetAction(parsed => Run(parsed.GetValue(shell)!, new CommandNode(parsed.RootCommandResult.Command), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(string shell, CommandNode root, TextWriter output)
    {
        Action<CommandNode, TextWriter> write = shell switch
        {
            Zsh => ZshCompletion.Write,
            Fish => FishCompletion.Write,
            _ => BashCompletion.Write,
        };
        write(root, output);
        return ExitCodes.Done;
    }
}
