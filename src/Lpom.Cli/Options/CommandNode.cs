using System.CommandLine;

namespace Lpom.Cli.Options;

/// <summary>A command and its place in the command line.</summary>
/// <param name="Command">The command.</param>
/// <param name="Parent">Null for the program itself.</param>
internal sealed record CommandNode(Command Command, CommandNode? Parent = null)
{
    /// <summary>The words that call it, such as <c>lpom bench latency</c>.</summary>
    public string Words => Parent is null ? Command.Name : $"{Parent.Words} {Command.Name}";

    /// <summary>Its own options, then those that it has of the commands above.</summary>
    public IEnumerable<Option> Options => Command.Options.Concat(Parent?.Options.Where(option => option.Recursive) ?? []);

    public IEnumerable<CommandNode> Children => Command.Subcommands.Select(child => new CommandNode(child, this));

    /// <summary>It and all below it, each before its children.</summary>
    public IEnumerable<CommandNode> All => Children.SelectMany(child => child.All).Prepend(this);
}
