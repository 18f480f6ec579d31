using System.CommandLine;
using System.Text.Json;
using Lpom.Cli.Completion;
using Lpom.Data;

namespace Lpom.Cli.Options;

/// <summary>
/// Options of a command as a JSON object: <c>{"version":1,"data":"mnist","layers":"300","quiet":true}</c>. What the command line gives goes
/// before it, and each value is checked as if it had been given there.
/// </summary>
internal static class ConfigFile
{
    /// <summary>The version of the form.</summary>
    public const int Version = 1;

    /// <summary>The key of the version; it may be left out.</summary>
    public const string VersionKey = "version";

    private const string SchemaKey = "$schema";

    // All options with long paths are a few thousand; a list of ones takes thirty times its text in memory.
    private const int MaxBytes = 1 << 15;

    /// <summary>Reads a file of options.</summary>
    /// <exception cref="BadInputException">No such file, too large, or not to be read.</exception>
    public static string Read(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxBytes })
                throw new BadInputException($"--config: {path} has more than {MaxBytes} bytes; expected a JSON object of options");
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException($"--config: {path}: no such file; 'lpom train --print-config > {path}' makes one", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--config: {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The command line with the options of a configuration that it does not give itself.</summary>
    /// <param name="parsed">The command line, without errors.</param>
    /// <param name="json">The configuration.</param>
    /// <param name="source">What errors call it.</param>
    /// <param name="excluded">Options that a configuration has not.</param>
    /// <exception cref="BadInputException">No JSON object, an unknown key, a value that its option refuses.</exception>
    public static ParseResult Merge(ParseResult parsed, string json, string source, IReadOnlyList<Option> excluded)
    {
        Command command = parsed.CommandResult.Command;
        Dictionary<string, Option> known = KeysOf(command, excluded);
        var added = new List<string>();
        foreach ((string key, JsonElement value) in Properties(json, source))
        {
            if (key is SchemaKey or VersionKey)
            {
                CheckVersion(key, value, source);
                continue;
            }

            if (!known.TryGetValue(key, out Option? option))
                throw new BadInputException($"{source}: unknown key '{Shown(key)}'{NearestName.Hint(key, known.Keys)} (keys are the options of 'lpom {command.Name} --help' without '--')");
            if (parsed.GetResult(option) is not { Implicit: false })
                added.AddRange(Tokens(option, key, value, source));
        }

        string[] words = [.. parsed.Tokens.Select(token => token.Value)];
        int verb = Array.IndexOf(words, command.Name) + 1;
        ParseResult merged = parsed.RootCommandResult.Command.Parse([.. words[..verb], .. added, .. words[verb..]], new ParserConfiguration { ResponseFileTokenReplacer = null });
        return merged.Errors.Count == 0 ? merged : throw new BadInputException($"{source}: {merged.Errors[0].Message.TrimEnd('.')}");
    }

    /// <summary>The options of a command by their keys.</summary>
    public static Dictionary<string, Option> KeysOf(Command command, IReadOnlyList<Option> excluded) =>
        command.Options.Except(excluded).ToDictionary(option => option.Name.TrimStart('-'));

    /// <summary>Writes the JSON schema of a command's configurations.</summary>
    public static void WriteSchema(Utf8JsonWriter json, Command command, IReadOnlyList<Option> excluded)
    {
        json.WriteString(SchemaKey, "https://json-schema.org/draft/2020-12/schema");
        json.WriteString("title", $"Options of lpom {command.Name}");
        json.WriteString("type", "object");
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        json.WriteStartObject(SchemaKey);
        json.WriteString("type", "string");
        json.WriteEndObject();
        json.WriteStartObject(VersionKey);
        json.WriteNumber("const", Version);
        json.WriteEndObject();
        foreach ((string key, Option option) in KeysOf(command, excluded))
        {
            json.WriteStartObject(key);
            json.WriteString("description", OptionText.Description(option));
            WriteType(json, option);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteType(Utf8JsonWriter json, Option option)
    {
        ValueHint hint = ValueHint.Of(option);
        if (OptionText.IsFlag(option))
        {
            json.WriteString("type", "boolean");
        }
        else if (hint is { Names.Count: > 0, IsList: false, Paths: PathKind.None })
        {
            json.WriteStartArray("enum");
            foreach (string name in hint.Names)
                json.WriteStringValue(name);
            json.WriteEndArray();
        }
        else if (option.ValueType == typeof(int?) || option.ValueType == typeof(ulong))
        {
            json.WriteString("type", "integer");
        }
        else if (option.ValueType == typeof(float?))
        {
            json.WriteString("type", "number");
        }
        else
        {
            json.WriteStartArray("type");
            json.WriteStringValue("string");
            json.WriteStringValue("number");
            json.WriteEndArray();
        }
    }

    private static IEnumerable<(string Key, JsonElement Value)> Properties(string json, string source)
    {
        if (json.Length > MaxBytes)
            throw new BadInputException($"{source}: it has {json.Length} characters, more than {MaxBytes}; expected a JSON object of options");
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 8 });
            root = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new BadInputException($"{source}: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: this is no JSON; expected an object such as {{\"data\": \"digits\", \"epochs\": 20}}", e);
        }

        if (root.ValueKind != JsonValueKind.Object)
            throw new BadInputException($"{source}: expected a JSON object such as {{\"data\": \"digits\", \"epochs\": 20}}");
        var seen = new HashSet<string>();
        foreach (JsonProperty property in root.EnumerateObject())
        {
            string key = Text(() => property.Name, source);
            if (!seen.Add(key))
                throw new BadInputException($"{source}: the key '{Shown(key)}' is there twice");
            yield return (key, property.Value);
        }
    }

    // JSON can spell what no text is.
    private static string Text(Func<string> decode, string source)
    {
        try
        {
            return decode();
        }
        catch (InvalidOperationException e)
        {
            throw new BadInputException($"{source}: half of a pair of surrogates, such as \\uD800, is no text", e);
        }
    }

    private static void CheckVersion(string key, JsonElement value, string source)
    {
        if (key == VersionKey && !(value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int version) && version == Version))
            throw new BadInputException($"{source}: it is of version {Shown(value.GetRawText())}; this lpom reads version {Version}, which 'lpom train --print-config' writes");
    }

    private static IEnumerable<string> Tokens(Option option, string key, JsonElement value, string source) => (value.ValueKind, OptionText.IsFlag(option)) switch
    {
        (JsonValueKind.Null, _) or (JsonValueKind.False, true) => [],
        (JsonValueKind.True, true) => [option.Name],
        (JsonValueKind.String, false) => [option.Name, Text(() => value.GetString()!, $"{source}: {key}")],
        (JsonValueKind.Number, false) => [option.Name, value.GetRawText()],
        _ => throw new BadInputException($"{source}: {key}: expected {(OptionText.IsFlag(option) ? "true or false" : "a string or a number")}, found {Shown(value.GetRawText())}"),
    };

    private static string Shown(string text) => text.Length > 40 ? text[..40] + "…" : text;
}
