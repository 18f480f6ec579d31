using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Lpom.Data;

namespace Lpom.Cli.Options;

/// <summary>The options of <c>compare</c>, and <see cref="ComparisonSettings"/> made of them.</summary>
internal sealed class CompareCommandOptions
{
    /// <summary>The most seeds accepted.</summary>
    public const int MaxSeeds = 1000;

    private const int DefaultSeeds = 3;

    private static readonly string[] DefaultMethods = [TrainSettings.StreamingMethod, TrainSettings.SgdMethod, TrainSettings.AdamMethod, TrainSettings.PaperMethod];

    private readonly TrainCommandOptions _training = new();
    private readonly Option<IReadOnlyList<string>> _methods = new("--methods")
    {
        Description = $"Methods to compare, joined by commas: {string.Join(' ', TrainSettings.Methods)} [default: {string.Join(',', DefaultMethods)}; to learn no classes all of them but {TrainSettings.PaperMethod}]",
        HelpName = $"NAME{CommonOptions.ListEnd}",
        CompletionSources = { static _ => TrainSettings.Methods },
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ReadMethods,
    };
    private readonly Option<int?> _seeds = Seeds();
    private readonly Option<IReadOnlyDictionary<string, float>> _rates = new("--lr")
    {
        Description = "Size of the weight steps, by method, such as sgd=0.1,adam=0.002 [default: as train has]",
        HelpName = "NAME=X",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ReadRates,
    };
    private readonly Option<IReadOnlyList<double>> _targets = new("--targets")
    {
        Description = "Test accuracies (where there are no classes, test errors) to be timed, such as 0.97,0.98 [default: the best mean, rounded, and the two behind it]",
        HelpName = "X,X",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ReadTargets,
    };

    /// <summary>The option for the number of seeds.</summary>
    public static Option<int?> Seeds() => CommonOptions.Integer("--seeds", 1, MaxSeeds, $"Run every method with the seeds 1 to N [default: {DefaultSeeds}]");

    /// <summary>The number of seeds asked for.</summary>
    public static int ReadSeeds(ParseResult parsed, Option<int?> option) => parsed.GetValue(option) ?? DefaultSeeds;

    public void AddTo(Command command)
    {
        _training.AddSharedTo(command);
        foreach (Option option in (Option[])[_methods, _seeds, _rates, _targets])
            command.Options.Add(option);
    }

    /// <summary>What is asked of the data.</summary>
    public DataRequest RequestOf(ParseResult parsed) => _training.RequestOf(parsed);

    /// <param name="parsed">The command line.</param>
    /// <param name="data">By which a task is chosen when none is given; null when it is not loaded yet.</param>
    /// <exception cref="BadInputException">Options that contradict each other.</exception>
    public ComparisonSettings Read(ParseResult parsed, Dataset? data = null)
    {
        LearningTask task = _training.TaskOf(parsed, data);
        IReadOnlyList<string> methods = parsed.GetValue(_methods) ?? [.. DefaultMethods.Where(method => task == LearningTask.Classify || method != TrainSettings.PaperMethod)];
        IReadOnlyDictionary<string, float> rates = parsed.GetValue(_rates) ?? new Dictionary<string, float>();
        if (rates.Keys.FirstOrDefault(name => !methods.Contains(name)) is string absent)
            throw new BadInputException($"--lr: {absent} is none of the methods compared ({string.Join(", ", methods)})");
        TrainSettings[] settings = [.. methods.Select(method => _training.Read(parsed, method, task) with { LearningRate = rates.TryGetValue(method, out float rate) ? rate : null })];
        if (methods is [TrainSettings.PaperMethod] && _training.GivenButNotOfPaper(parsed) is string unused)
            throw new BadInputException($"{unused}: {TrainSettings.PaperMethod} has no such setting, and no other method is compared");
        IReadOnlyList<double>? targets = parsed.GetValue(_targets);
        if (task == LearningTask.Classify && targets?.FirstOrDefault(target => target > 1) is > 0 and double high)
            throw new BadInputException($"--targets: expected accuracies of at most 1, such as 0.97,0.98, found '{high}'");
        return new ComparisonSettings
        {
            Methods = settings,
            Seeds = ReadSeeds(parsed, _seeds),
            Targets = targets,
        };
    }

    private static List<string>? ReadMethods(ArgumentResult result)
    {
        var methods = new List<string>();
        foreach (string name in Parts(result))
        {
            if (!TrainSettings.Methods.Contains(name))
                return Refuse<List<string>>(result, CommonOptions.UnknownName("--methods", name, TrainSettings.Methods));
            if (methods.Contains(name))
                return Refuse<List<string>>(result, $"--methods: {name} is there twice");
            methods.Add(name);
        }

        return methods;
    }

    private static Dictionary<string, float>? ReadRates(ArgumentResult result)
    {
        string[] known = [.. TrainSettings.Methods.Where(name => name != TrainSettings.PaperMethod)];
        var rates = new Dictionary<string, float>();
        foreach (string part in Parts(result))
        {
            if (part.Split('=') is not [string name, string text] || !float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float rate) || !(rate > 0) || !float.IsFinite(rate))
                return Refuse<Dictionary<string, float>>(result, $"--lr: expected a method and a positive number, such as sgd=0.1, found '{part}'");
            if (!known.Contains(name))
                return Refuse<Dictionary<string, float>>(result, CommonOptions.UnknownName("--lr", name, known));
            if (!rates.TryAdd(name, rate))
                return Refuse<Dictionary<string, float>>(result, $"--lr: {name} is there twice");
        }

        return rates;
    }

    private static List<double>? ReadTargets(ArgumentResult result)
    {
        var targets = new SortedSet<double>();
        foreach (string part in Parts(result))
        {
            if (!double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double target) || !(target > 0) || !double.IsFinite(target))
                return Refuse<List<double>>(result, $"--targets: expected positive numbers, such as 0.97,0.98, found '{part}'");
            targets.Add(target);
        }

        return [.. targets];
    }

    private static string[] Parts(ArgumentResult result) => result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries);

    private static T? Refuse<T>(ArgumentResult result, string problem) where T : class
    {
        result.AddError(problem);
        return null;
    }
}
