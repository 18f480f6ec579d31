using System.CommandLine;
using System.CommandLine.Help;
using Lpom.Cli.Distributed;
using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Cli.Verbs;
using Lpom.Data;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Cli;

/// <summary>The command line as a whole: parses it, runs a verb, turns every failure into one line and an exit code.</summary>
internal static class LpomCommand
{
    private const string Examples =
        """
          lpom train                                      train on built-in data, write model.safetensors
          lpom eval model.safetensors                     its accuracy
          lpom train --help                               options of a command
        """;

    private const string VersionOption = "--version";

    // In the order of the help.
    private static readonly Verb[] Verbs =
    [
        new(TrainVerb.Name, TrainVerb.Create),
        new(EvalVerb.Name, EvalVerb.Create),
        new(PredictVerb.Name, PredictVerb.Create),
        new(InspectVerb.Name, InspectVerb.Create),
        new(ExportVerb.Name, ExportVerb.Create),
        new(DataVerb.Name, DataVerb.Create),
        new(CompareVerb.Name, CompareVerb.Create),
        new(ReproduceVerb.Name, ReproduceVerb.Create),
        new(BenchVerb.Name, BenchVerb.Create),
        new(CompletionsVerb.Name, CompletionsVerb.Create),
        new(ManVerb.Name, () => ManVerb.Create(ExamplesOf)),
    ];

    public static int Run(string[] arguments)
    {
        try
        {
            CheckSimd();
            ParseResult parsed = Create(VerbsFor(arguments)).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Errors.Count > 0 && parsed.Action is not (HelpWithExamples or VersionAction))
                throw new BadInputException(Problem(parsed, arguments));
            using var output = new StreamWriter(StandardOutput.Open());
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Output = output });
        }
        catch (Exception e) when (e is BadInputException or DataFormatException or DataNotFoundException)
        {
            Messages.Error(e.Message);
            return ExitCodes.BadInput;
        }
        catch (SilentExitException e)
        {
            return e.ExitCode;
        }
        catch (BrokenPipeException)
        {
            return ExitCodes.Done;
        }
        catch (Exception e) when (e is WorkFailedException or IOException or UnauthorizedAccessException)
        {
            Messages.Error(e.Message);
            return ExitCodes.Failed;
        }
        catch (Exception e) when (e is OutOfMemoryException or AggregateException { InnerException: OutOfMemoryException })
        {
            Messages.Error("out of memory; fewer or narrower --layers, or a smaller --batch, need less");
            return ExitCodes.Failed;
        }
        catch (Exception e)
        {
            Messages.Error($"a fault in the program ({e.GetType().Name}): {e.Message}");
            return ExitCodes.Failed;
        }
    }

    /// <summary>The whole command line: completions, manual pages and the documentation are made of it.</summary>
    public static Command Create() => Create(Verbs);

    // Making all verbs takes as long as the runtime takes to start, and a command line that names one needs no other.
    private static Verb[] VerbsFor(string[] arguments)
    {
        string first = arguments.Length > 0 ? arguments[0] : "";
        if (first == VersionOption) return [];
        if (first is CompletionsVerb.Name or ManVerb.Name) return Verbs;
        Verb[] named = Array.FindAll(Verbs, verb => verb.Name == first);
        return named.Length > 0 ? named : Verbs;
    }

    private static Command Create(Verb[] verbs)
    {
        // Not the library's RootCommand and HelpOption: the texts of theirs that nobody sees take a millisecond of every start.
        var root = new Command("lpom", "Trains feed-forward neural networks without back-propagation, by Lifted Proximal Operator Machines (LPOM).")
        {
            new Option<bool>(VersionOption) { Arity = ArgumentArity.Zero, Description = "Show version, runtime and SIMD width", Action = new VersionAction() },
            new Option<bool>("--help", "-h", "-?")
            {
                Description = "Show help and usage information",
                Arity = ArgumentArity.Zero,
                Recursive = true,
                Action = new HelpWithExamples(new HelpAction(), ExamplesOf),
            },
        };
        foreach (Verb verb in verbs) root.Add(verb.Create());
        return root;
    }

    /// <summary>What the help of a command has behind its options: examples, an empty line, remarks.</summary>
    public static string ExamplesOf(Command command) => command.Name switch
    {
        TrainVerb.Name => TrainVerb.Examples,
        EvalVerb.Name => EvalVerb.Examples,
        PredictVerb.Name => $"{PredictVerb.Examples}\n\n{PredictVerb.Behaviour}",
        InspectVerb.Name => InspectVerb.Examples,
        ExportVerb.Name => ExportVerb.Examples,
        DataVerb.Name or "list" => DataVerb.Examples,
        DescribeVerb.Name => DescribeVerb.Examples,
        CompareVerb.Name => $"{CompareVerb.Examples}\n\n{CompareVerb.Figures}",
        ReproduceVerb.Name => ReproduceVerb.Examples,
        LatencyVerb.Name => $"{LatencyVerb.Examples}\n\n{LatencyVerb.Behaviour}",
        BenchVerb.Name => $"{BenchVerb.Examples}\n\n{BenchVerb.Figures}",
        CompletionsVerb.Name => CompletionsVerb.Examples,
        ManVerb.Name => ManVerb.Examples,
        _ => Examples,
    };

    private static void CheckSimd()
    {
        string? value = Environment.GetEnvironmentVariable(SimdLevel.OverrideVariable);
        if (!string.IsNullOrEmpty(value) && !SimdLevel.TryParse(value, out _))
            throw new BadInputException($"{SimdLevel.OverrideVariable} is '{value}', expected 512, 256, 128 or 1");
    }

    /// <summary>The one thing to say about a command line that cannot be run.</summary>
    private static string Problem(ParseResult parsed, string[] arguments)
    {
        if (arguments.Length == 0)
            return $"expected a command: {string.Join(", ", parsed.RootCommandResult.Command.Subcommands.Select(c => c.Name))}; 'lpom --help' tells more";
        if (parsed.Errors.FirstOrDefault(e => e.Message.StartsWith(CommonOptions.Unknown, StringComparison.Ordinal)) is { } mistyped)
            return mistyped.Message;
        if (parsed.UnmatchedTokens.Count > 0)
            return CommonOptions.UnknownOption(parsed.UnmatchedTokens[0], parsed.CommandResult);
        Command command = parsed.CommandResult.Command;
        if (command.Subcommands.Count > 0 && command.Action is null)
            return $"{command.Name}: expected a command: {string.Join(", ", command.Subcommands.Select(c => c.Name))}";
        return parsed.Errors[0].Message.TrimEnd('.');
    }

    private readonly record struct Verb(string Name, Func<Command> Create);
}
