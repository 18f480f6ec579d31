using System.Diagnostics;

namespace Lpom.Cli.Tests.Support;

/// <summary>The completion scripts, and what shells offer with them in a folder of models, data and notes.</summary>
public sealed class CompletionShells : TestFolder
{
    /// <summary>A folder there.</summary>
    public const string DataFolder = "datasets";

    private const string BashDriver =
        """
        source ./lpom.bash
        while IFS= read -r line; do
          # As readline does: a word ends at '=' too.
          IFS=' ' read -ra COMP_WORDS <<<"${line//=/ = }"
          [[ $line != *' ' ]] || COMP_WORDS+=('')
          COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
          _lpom
          printf '> %s\n' "$line"
          printf '%s\n' "${COMPREPLY[@]}"
        done <lines
        """;

    // A shell on a terminal of its own, which completes one line after the other before it would wait for a key.
    private const string ZshDriver =
        """
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell 'source ./session.zsh'
        while zpty -r shell screen; do :; done
        cat offers
        """;

    private const string ZshSession =
        """
        autoload -Uz compinit
        compinit -u -D
        source ./lpom.zsh
        # Notes what is offered, but for calls that only sort names.
        compadd() {
          if [[ " $* " != *' '-[OAD]' '* ]]; then
            local -a offered
            builtin compadd -O offered "$@"
            print -rl -- $offered >>offers
          fi
          builtin compadd "$@"
        }
        zle-line-init() {
          for BUFFER in "${(@f)$(<lines)}"; do
            print -r -- "> $BUFFER" >>offers
            CURSOR=$#BUFFER
            zle complete-word
          done
          exit
        }
        zle -N zle-line-init
        """;

    private const string FishDriver =
        """
        source ./lpom.fish
        while read --delimiter \n line
            echo "> $line"
            complete -C "$line"
        end <lines
        """;

    private readonly TestFolder _home = new();

    public CompletionShells()
    {
        foreach (string shell in (string[])["bash", "zsh", "fish"])
            File.WriteAllText(this[$"lpom.{shell}"], LpomProcess.Run(FullName, "completions", shell).Output);
        File.WriteAllText(this["session.zsh"], ZshSession);
        foreach (string name in (string[])["model.safetensors", "model.onnx", "dice.csv", "notes.txt"])
            File.WriteAllText(this[name], "");
        Directory.CreateDirectory(this[DataFolder]);
    }

    public override void Dispose()
    {
        _home.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The script of a shell.</summary>
    public string Script(string shell) => File.ReadAllText(this[$"lpom.{shell}"]);

    /// <summary>What bash offers at the end of each line: only the part behind a comma or '=', in order.</summary>
    public string[][] Bash(params string[] lines) => Offers(lines, "bash", "--norc", "-c", BashDriver);

    /// <summary>What zsh offers.</summary>
    public string[][] Zsh(params string[] lines) => Offers(lines, "zsh", "-f", "-c", ZshDriver);

    /// <summary>What fish offers.</summary>
    public string[][] Fish(params string[] lines) => Offers(lines, "fish", "--no-config", "-c", FishDriver);

    private string[][] Offers(string[] lines, string shell, params string[] arguments)
    {
        File.WriteAllText(this["lines"], $"{string.Join('\n', lines)}\n");
        File.Delete(this["offers"]);
        Ran ran = Run(shell, arguments);
        Assert.Equal("", ran.Errors);
        string[] answers = $"\n{ran.Output}".Split("\n> ")[1..];
        Assert.Equal(lines, answers.Select(answer => answer.Split('\n')[0]));
        return [.. answers.Select(answer => answer.Split('\n')[1..].Select(Plain).Where(offer => offer.Length > 0).Distinct().Order(StringComparer.Ordinal).ToArray())];
    }

    // Fish adds a description, and both it and bash what stands before a comma; each marks folders in its way.
    private static string Plain(string offer) => offer.Split('\t')[0].Split('=', ',')[^1].TrimEnd('/');

    private Ran Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // Fish writes to it.
        start.Environment["HOME"] = _home.FullName;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return LpomProcess.Finish(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }
}
