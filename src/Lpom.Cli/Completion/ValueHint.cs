using System.CommandLine;
using System.CommandLine.Completions;
using Lpom.Cli.Options;

namespace Lpom.Cli.Completion;

/// <summary>Which paths a value may be.</summary>
internal enum PathKind
{
    None,
    File,
    Folder,
    Model,
}

/// <summary>What a shell can offer as the value of an option or an argument.</summary>
/// <param name="Placeholder">What the help calls the value.</param>
/// <param name="Names">Names that it may be.</param>
/// <param name="IsList">Names may be joined by commas.</param>
/// <param name="Paths">Paths that it may be.</param>
internal sealed record ValueHint(string Placeholder, IReadOnlyList<string> Names, bool IsList, PathKind Paths)
{
    /// <summary>How the names of model files end.</summary>
    public static readonly IReadOnlyList<string> ModelExtensions = ["safetensors", "onnx"];

    /// <summary>There is something to offer.</summary>
    public bool IsKnown => Names.Count > 0 || Paths != PathKind.None;

    public static ValueHint Of(Option option) => Of(OptionText.Placeholder(option), option.CompletionSources);

    public static ValueHint Of(Argument argument) => Of(argument.HelpName ?? argument.Name, argument.CompletionSources);

    private static ValueHint Of(string placeholder, IEnumerable<Func<CompletionContext, IEnumerable<CompletionItem>>> sources)
    {
        string[] names = [.. sources.SelectMany(source => source(CompletionContext.Empty)).Select(item => item.Label)];
        PathKind paths = placeholder switch
        {
            CommonOptions.FolderPlaceholder => PathKind.Folder,
            CommonOptions.ModelPlaceholder => PathKind.Model,
            CommonOptions.FilePlaceholder or CommonOptions.DataPlaceholder => PathKind.File,
            _ => PathKind.None,
        };
        return new ValueHint(placeholder, names, placeholder.EndsWith(CommonOptions.ListEnd, StringComparison.Ordinal), paths);
    }
}
