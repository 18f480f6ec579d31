using System.CommandLine;
using System.Text;
using Lpom.Cli;
using Lpom.Cli.Manual;
using Lpom.Cli.Options;
using Lpom.Docs.Pages;
using static System.Net.WebUtility;

namespace Lpom.Docs.Commands;

/// <summary>The page of all commands and options, made of the command line's own definitions, as the manual pages are.</summary>
internal static class OptionReference
{
    private const string Output = "options.html", Title = "Commands and options";

    public static NavigationLink Link { get; } = new(Title, Output);

    public static Page Page()
    {
        var root = new CommandNode(LpomCommand.Create());
        CommandNode[] commands = [.. root.All];
        var html = new StringBuilder($"<h1>{Title}</h1>\n<p>Made of the program's own definitions. At a terminal: <code>lpom train --help</code>, or <code>man lpom-train</code> once it is installed.</p>\n<ul class=\"contents\">\n");
        foreach (CommandNode command in commands)
            html.Append($"<li><a href=\"#{Id(command)}\">{HtmlEncode(command.Words)}</a></li>\n");
        html.Append("</ul>\n");
        foreach (CommandNode command in commands)
            Write(command, html);
        html.Append("<h2 id=\"exit-codes\">Exit codes</h2>\n");
        WriteParagraphs(HelpText.Split(ExitCodes.Description).Body, html);
        html.Append("<h2 id=\"environment\">Environment</h2>\n<dl>\n");
        foreach (Surrounding surrounding in Surrounding.Variables.Concat(Surrounding.Folders))
            Item(html, "", Code(surrounding.Name), HtmlEncode(surrounding.Description));
        html.Append("</dl>\n");
        return new Page("the command line", Output, Title, html.ToString());
    }

    private static string Id(CommandNode command) => command.Words.Replace(' ', '-');

    private static void Write(CommandNode node, StringBuilder html)
    {
        html.Append($"<h2 id=\"{Id(node)}\">{HtmlEncode(node.Words)}</h2>\n<p>{HtmlEncode((node.Command.Description ?? "").TrimEnd('.'))}.</p>\n");
        if (node.Command.Action is not null)
            html.Append($"<pre class=\"declaration\"><code>{HtmlEncode(Synopsis(node))}</code></pre>\n");
        html.Append("<dl>\n");
        foreach (Argument argument in node.Command.Arguments)
            Item(html, $"{Id(node)}-{argument.Name}", Code(argument.Name), HtmlEncode(argument.Description ?? ""));
        foreach (Option option in node.Options)
        {
            string value = OptionText.IsFlag(option) ? "" : $" {OptionText.Placeholder(option)}";
            Item(html, $"{Id(node)}{option.Name}", Code(string.Join(", ", OptionText.Names(option)) + value), HtmlEncode(OptionText.Description(option)));
        }

        html.Append("</dl>\n");
        WriteExamples(node, html);
    }

    private static void WriteExamples(CommandNode node, StringBuilder html)
    {
        string[] parts = LpomCommand.ExamplesOf(node.Command).Split("\n\n", 2);
        html.Append("<h3>Examples</h3>\n<dl>\n");
        foreach (HelpParagraph example in HelpText.Examples(parts[0]))
            Item(html, "", Code(example.Term!), HtmlEncode(example.Text));
        html.Append("</dl>\n");
        if (parts.Length < 2)
            return;
        (string? title, string body) = HelpText.Split(parts[1]);
        html.Append($"<h3>{HtmlEncode(title ?? "Notes")}</h3>\n");
        WriteParagraphs(body, html);
    }

    private static void WriteParagraphs(string text, StringBuilder html)
    {
        foreach (HelpParagraph paragraph in HelpText.Paragraphs(text))
        {
            html.Append(paragraph.Term is null
                ? $"<p>{HtmlEncode(paragraph.Text)}</p>\n"
                : $"<dl><dt>{Code(paragraph.Term)}</dt><dd>{HtmlEncode(paragraph.Text)}</dd></dl>\n");
        }
    }

    private static string Synopsis(CommandNode node)
    {
        IEnumerable<string> required = node.Options.Where(option => option.Required).Select(option => $"{option.Name} {OptionText.Placeholder(option)}");
        IEnumerable<string> arguments = node.Command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 ? $"[{argument.Name}]" : argument.Name);
        return string.Join(' ', [node.Words, .. arguments, .. required, "[options]"]);
    }

    private static string Code(string text) => $"<code>{HtmlEncode(text)}</code>";

    private static void Item(StringBuilder html, string id, string term, string text) =>
        html.Append(id.Length > 0 ? $"<dt id=\"{id}\">" : "<dt>").Append(term).Append("</dt>").Append(text.Length > 0 ? $"<dd>{text}</dd>\n" : "\n");
}
