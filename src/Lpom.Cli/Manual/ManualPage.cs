using System.CommandLine;
using Lpom.Cli.Options;
using static Lpom.Cli.Manual.RoffWriter;

namespace Lpom.Cli.Manual;

/// <summary>The manual page of the program, or of a command and all below it.</summary>
internal sealed class ManualPage
{
    private readonly CommandNode _node;
    private readonly CommandNode[] _covered;
    private readonly IEnumerable<string> _others;
    private readonly Func<Command, string> _examples;

    private ManualPage(CommandNode node, IEnumerable<CommandNode> covered, IEnumerable<string> others, Func<Command, string> examples)
    {
        _node = node;
        _covered = [.. covered];
        _others = others;
        _examples = examples;
    }

    /// <summary>The name of the page's file in section 1.</summary>
    public string FileName => $"{NameOf(_node)}.1";

    /// <summary>The page of the program, and one for each of its commands.</summary>
    /// <param name="root">The program.</param>
    /// <param name="examples">What the help of a command has behind its options: examples, an empty line, remarks.</param>
    public static IEnumerable<ManualPage> AllOf(CommandNode root, Func<Command, string> examples) => root.Children
        .Select(verb => new ManualPage(verb, verb.All, [NameOf(root)], examples))
        .Prepend(new ManualPage(root, [root], root.Children.Select(NameOf), examples));

    public string ToRoff()
    {
        var roff = new RoffWriter();
        roff.Title(NameOf(_node), VersionAction.Number);
        roff.Section("NAME");
        roff.Line($"{Escape(NameOf(_node))} \\- {Escape(DescriptionOf(_node))}");
        roff.Section("SYNOPSIS");
        // A command without an action only leads to those below it.
        roff.Lines(_covered.Where(node => node.Command.Action is not null || node.Parent is null).Select(Synopsis));
        roff.Section("DESCRIPTION");
        roff.Line($"{Escape(DescriptionOf(_node))}.");
        WriteArguments(_node, roff);
        roff.Section("OPTIONS");
        WriteOptions(_node, roff);
        WriteCommands(roff);
        WriteExamples(roff);
        WriteRemarks(roff);
        roff.Section("EXIT STATUS");
        WriteParagraphs(HelpText.Split(ExitCodes.Description).Body, roff);
        WriteSurroundings(roff);
        roff.Section("SEE ALSO");
        roff.Line(string.Join(", ", _others.Select(name => $"{Bold(name)}(1)")));
        return roff.ToString();
    }

    private static string NameOf(CommandNode node) => node.Words.Replace(' ', '-');

    private static string DescriptionOf(CommandNode node) => (node.Command.Description ?? "").TrimEnd('.');

    private static string Synopsis(CommandNode node)
    {
        IEnumerable<string> required = node.Options.Where(option => option.Required).Select(option => $"{Bold(option.Name)} {Italic(OptionText.Placeholder(option))}");
        IEnumerable<string> arguments = node.Command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 ? $"[{Italic(argument.Name)}]" : Italic(argument.Name));
        string[] command = node.Parent is null ? [Italic("command")] : [];
        return string.Join(' ', [Bold(node.Words), .. command, .. arguments, .. required, $"[{Italic("options")}]"]);
    }

    private static void WriteArguments(CommandNode node, RoffWriter roff)
    {
        foreach (Argument argument in node.Command.Arguments)
            roff.Item(Italic(argument.Name), Escape(argument.Description ?? ""));
    }

    private static void WriteOptions(CommandNode node, RoffWriter roff)
    {
        foreach (Option option in node.Options)
        {
            string names = string.Join(", ", OptionText.Names(option).Select(Bold));
            string value = OptionText.IsFlag(option) ? "" : $" {Italic(OptionText.Placeholder(option))}";
            roff.Item($"{names}{value}", Escape(OptionText.Description(option)));
        }
    }

    private void WriteCommands(RoffWriter roff)
    {
        if (!_node.Children.Any())
            return;
        roff.Section("COMMANDS");
        if (_node.Parent is null)
        {
            foreach (CommandNode child in _node.Children)
                roff.Item($"{Bold(NameOf(child))}(1)", Escape(DescriptionOf(child)));
            return;
        }

        foreach (CommandNode node in _covered.Skip(1))
        {
            roff.Subsection(Escape(node.Words));
            roff.Line($"{Escape(DescriptionOf(node))}.");
            WriteArguments(node, roff);
            WriteOptions(node, roff);
        }
    }

    private void WriteExamples(RoffWriter roff)
    {
        roff.Section("EXAMPLES");
        foreach (HelpParagraph example in Texts(0).SelectMany(part => HelpText.Examples(part.Text)).Distinct())
            roff.Example(Bold(example.Term!), Escape(example.Text));
    }

    private void WriteRemarks(RoffWriter roff)
    {
        foreach ((CommandNode node, string text) in Texts(1))
        {
            (string? title, string body) = HelpText.Split(text);
            roff.Section(Escape((title ?? (node == _node ? "Notes" : node.Words)).ToUpperInvariant()));
            WriteParagraphs(body, roff);
        }
    }

    /// <summary>The examples of all commands covered (0), or the remarks behind them (1).</summary>
    private IEnumerable<(CommandNode Node, string Text)> Texts(int part) => _covered
        .Select(node => (Node: node, Parts: _examples(node.Command).Split("\n\n", 2)))
        .Where(texts => texts.Parts.Length > part)
        .Select(texts => (texts.Node, texts.Parts[part]));

    private static void WriteParagraphs(string text, RoffWriter roff)
    {
        foreach (HelpParagraph paragraph in HelpText.Paragraphs(text))
        {
            if (paragraph.Term is null)
                roff.Paragraph(Escape(paragraph.Text));
            else
                roff.Item(Bold(paragraph.Term), Escape(paragraph.Text));
        }
    }

    private void WriteSurroundings(RoffWriter roff)
    {
        roff.Section("ENVIRONMENT");
        foreach (Surrounding variable in Surrounding.Variables.Where(Matters))
            roff.Item(Bold(variable.Name), Escape(variable.Description));
        if (!Surrounding.Folders.Any(Matters))
            return;
        roff.Section("FILES");
        foreach (Surrounding folder in Surrounding.Folders)
            roff.Item(Italic(folder.Name), Escape(folder.Description));
    }

    private bool Matters(Surrounding surrounding) =>
        _node.Parent is null || surrounding.Option is null || _covered.Any(node => node.Options.Any(option => option.Name == surrounding.Option));
}
