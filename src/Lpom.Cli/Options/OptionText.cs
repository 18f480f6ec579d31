using System.CommandLine;
using System.Globalization;

namespace Lpom.Cli.Options;

/// <summary>What completions and manual pages say of an option.</summary>
internal static class OptionText
{
    private const string DefaultStart = " [default: ";

    /// <summary>The name and the aliases.</summary>
    public static IEnumerable<string> Names(Option option) => option.Aliases.Prepend(option.Name);

    /// <summary>No value follows it.</summary>
    public static bool IsFlag(Option option) => option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool);

    /// <summary>What the help calls its value.</summary>
    public static string Placeholder(Option option) => option.HelpName ?? option.Name.TrimStart('-');

    /// <summary>The whole description, with the default as the help adds it.</summary>
    public static string Description(Option option) => $"{option.Description}{Default(option)}";

    /// <summary>The description without what a shell shows anyway, the known names, and without the default.</summary>
    public static string Summary(Option option, IReadOnlyList<string> names)
    {
        string text = option.Description ?? "";
        int end = text.IndexOf(DefaultStart, StringComparison.Ordinal);
        string summary = end < 0 ? text : text[..end];
        string list = $": {string.Join(' ', names)}";
        return names.Count > 0 && summary.EndsWith(list, StringComparison.Ordinal) ? summary[..^list.Length] : summary;
    }

    private static string Default(Option option)
    {
        object? value = IsFlag(option) || !option.HasDefaultValue ? null : option.GetDefaultValue();
        string? text = value is IEnumerable<string> names ? string.Join(',', names) : Convert.ToString(value, CultureInfo.InvariantCulture);
        return string.IsNullOrEmpty(text) ? "" : $"{DefaultStart}{text}]";
    }
}
