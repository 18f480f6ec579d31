using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

public sealed class CompletionTests(CompletionShells shells) : IClassFixture<CompletionShells>
{
    private static readonly (string Line, string[] Offers)[] Expected =
    [
        ("lpom ", ["bench", "compare", "completions", "data", "eval", "export", "inspect", "man", "predict", "reproduce", "train"]),
        ("lpom exp", ["export"]),
        ("lpom data ", ["describe", "list"]),
        ("lpom data describe di", ["dice.csv", "digits"]),
        ("lpom bench lat", ["latency"]),
        ("lpom bench latency --pre", ["--precision"]),
        ("lpom train --act", ["--activation"]),
        ("lpom train --activation hard", ["hard-sigmoid", "hard-tanh"]),
        ("lpom train --quiet --schedule=co", ["constant", "cosine"]),
        ("lpom train --task=", ["auto", "autoencode", "classify", "regress"]),
        ("lpom train --epochs ", []),
        ("lpom train --data di", ["dice.csv", "digits"]),
        ("lpom eval --data-dir ", [CompletionShells.DataFolder]),
        ("lpom eval ", [CompletionShells.DataFolder, "model.onnx", "model.safetensors"]),
        ("lpom eval --precision int8 n", ["notes.txt"]),
        ("lpom eval model.onnx --he", ["--help"]),
        ("lpom predict model.onnx dic", ["dice.csv"]),
        ("lpom compare --methods adam,s", ["sgd"]),
        ("lpom reproduce t", ["table"]),
        ("lpom completions ", ["bash", "fish", "zsh"]),
    ];

    private static readonly string[] Lines = [.. Expected.Select(expected => expected.Line)];

    [Fact]
    public void Bash_offers_commands_options_values_and_files() => AssertExpected(shells.Bash(Lines));

    [FactWith("zsh")]
    public void Zsh_offers_commands_options_values_and_files() => AssertExpected(shells.Zsh(Lines));

    [FactWith("fish")]
    public void Fish_offers_commands_options_values_and_files() => AssertExpected(shells.Fish(Lines));

    [Fact]
    public void A_list_is_not_offered_what_it_has_already() =>
        Assert.Equal([["adam", "lpom-paper"], ["bfloat16"]], shells.Bash("lpom compare --methods lpom,sgd,", "lpom bench latency --precision float32,int8,"));

    [Theory]
    [ClassData(typeof(Commands))]
    public void Every_option_of_the_help_is_completed_and_every_name_that_it_takes(string command)
    {
        HelpOption[] options = HelpOption.Read(LpomProcess.Run(shells.FullName, [.. command.Split(' ')[1..], "--help"]));
        string[] names = [.. options.SelectMany(option => option.Names)];
        HelpOption[] choices = [.. options.Where(option => option.Placeholder is "NAME" or "NAME,…")];
        string[][] bash = shells.Bash([$"{command} -", .. choices.Select(choice => $"{command} {choice.Names[0]} ")]);
        Assert.Equal(names.Order(StringComparer.Ordinal), bash[0]);
        Assert.Equal(choices.Select(choice => string.Join(' ', NamesOf(choice))), bash[1..].Select(offers => string.Join(' ', offers)));

        string zsh = Section(shells.Script("zsh"), $"\n_{command.Replace(' ', '_')}() {{\n", "\n}\n");
        Assert.All(names, name => Assert.True(zsh.Contains($"{name}[") || zsh.Contains($"{name}=["), $"zsh: {name}"));
        string[] fish = [.. shells.Script("fish").Split('\n').Where(line => line.StartsWith($"complete -c lpom -n '__lpom_calls {command}' ", StringComparison.Ordinal))];
        Assert.All(names, name => Assert.Contains(fish, line => line.Contains(name.StartsWith("--") ? $" -l {name[2..]} " : $" -s '{name[1..]}' ")));
    }

    [Fact]
    public void An_unknown_shell() =>
        Assert.Contains("known: bash, zsh, fish", LpomProcess.Run(shells.FullName, "completions", "tcsh").AssertBadInput());

    private static void AssertExpected(string[][] offers) =>
        Assert.Equal(Expected.Select(expected => $"{expected.Line}: {string.Join(' ', expected.Offers)}"), Lines.Zip(offers, (line, offered) => $"{line}: {string.Join(' ', offered)}"));

    /// <summary>The names that the help lists for an option, in order.</summary>
    private static IEnumerable<string> NamesOf(HelpOption choice) =>
        choice.Description.Split(" [default:")[0].Split(": ")[^1].Split(' ').Order(StringComparer.Ordinal);

    private static string Section(string text, string start, string end)
    {
        string rest = text[(text.IndexOf(start, StringComparison.Ordinal) + start.Length)..];
        return rest[..rest.IndexOf(end, StringComparison.Ordinal)];
    }

    /// <summary>The program and every command of it.</summary>
    public sealed class Commands : TheoryData<string>
    {
        public Commands() => AddRange("lpom", "lpom train", "lpom eval", "lpom predict", "lpom inspect", "lpom export", "lpom data", "lpom data list", "lpom data describe", "lpom compare", "lpom reproduce", "lpom bench", "lpom bench latency", "lpom completions", "lpom man");
    }
}
