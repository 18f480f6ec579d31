using System.CommandLine;
using Lpom.Cli.Manual;
using Lpom.Cli.Options;

namespace Lpom.Cli.Verbs;

/// <summary><c>lpom man</c>: the manual pages, made of the commands and options as they are defined.</summary>
internal static class ManVerb
{
    public const string Name = "man";

    public const string Examples =
        """
          lpom man --output ~/.local/share/man/man1       then 'man lpom-train' shows the one of 'lpom train'
        """;

    /// <summary>Creates the command.</summary>
    /// <param name="examples">What the help of a command has behind its options.</param>
    public static Command Create(Func<Command, string> examples)
    {
        Option<string> folder = CommonOptions.Folder("--output", "Folder to write the pages to; those there are replaced");
        folder.Required = true;
        var command = new Command(Name, "Write the manual pages, one for each command, for man(1)") { folder };
        command.SetAction(parsed => Run(new CommandNode(parsed.RootCommandResult.Command), examples, parsed.GetValue(folder)!));
        return command;
    }

    private static int Run(CommandNode root, Func<Command, string> examples, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (ManualPage page in ManualPage.AllOf(root, examples))
            File.WriteAllText(Path.Combine(folder, page.FileName), page.ToRoff());
        return ExitCodes.Done;
    }
}
