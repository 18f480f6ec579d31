using System.CommandLine;
using System.CommandLine.Parsing;
using Lpom.Cli.Distributed;
using Lpom.Cli.Training.Checkpoints;
using Lpom.Data;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;
using Lpom.Simd.Training;

namespace Lpom.Cli.Options;

/// <summary>The options of <c>train</c>, and <see cref="TrainSettings"/> made of them.</summary>
internal sealed class TrainCommandOptions
{
    /// <summary>Data with fewer training rows has more epochs by default.</summary>
    private const int SmallRows = 10_000, SmallEpochs = 20, LargeEpochs = 10, LeastSteps = 80;

    /// <summary>Names of the schedules, in the order of the help.</summary>
    private static readonly Dictionary<string, StepSchedule> Schedules = new()
    {
        ["linear"] = StepSchedule.Linear,
        ["cosine"] = StepSchedule.Cosine,
        ["constant"] = StepSchedule.Constant,
    };

    /// <summary>Names of the starts; auto is none of them.</summary>
    private static readonly Dictionary<string, InitialWeights> Starts = new()
    {
        ["glorot"] = InitialWeights.Glorot,
        ["orthogonal"] = InitialWeights.Orthogonal,
    };

    /// <summary>Names of the tasks, in the order of the help.</summary>
    private static readonly Dictionary<string, LearningTask> Tasks = new() { [Classify] = LearningTask.Classify, ["autoencode"] = LearningTask.Autoencode, [Regress] = LearningTask.Regress };

    /// <summary>The most epochs accepted.</summary>
    public const int MaxEpochs = 1_000_000;

    private const int MaxBatch = 65_536;

    private const string Classify = "classify", Regress = "regress", Auto = "auto", On = "on";

    private readonly Option<string> _data = CommonOptions.Data("digits (built in), mnist, fashion-mnist, cifar10, or a file or folder: CSV, NPZ, NPY, PNG by class, IDX, CIFAR-10 [default: digits]");
    private readonly Option<string> _dataDir = CommonOptions.DataDir();
    private readonly Option<string> _layers = new("--layers")
    {
        Description = "Hidden widths, or the whole network from inputs to classes, such as 784-300-10",
        HelpName = "WIDTHS",
        DefaultValueFactory = _ => "128",
    };
    private readonly Option<string> _activation = CommonOptions.Choice("--activation", [.. Activation.All.Select(a => a.Name)], "relu", "Activation of the hidden layers");
    private readonly Option<string> _outputActivation = CommonOptions.Choice(
        "--output-activation", ["auto", "relu", "identity"], "auto", "Activation of the output layer; auto is relu behind relu layers with lpom-paper and least squares, else identity");
    private readonly Option<string> _loss = CommonOptions.Choice("--loss", ["auto", .. LossNames.All], "auto", "Loss to train for; auto is least-squares with lpom-paper and autoencoders, else cross-entropy");
    private readonly Option<string> _method = CommonOptions.Choice(
        "--method", TrainSettings.Methods, TrainSettings.StreamingMethod, "LPOM in the metric of all the data seen, LPOM as published, or back-propagation to compare with");
    private readonly Option<string> _task = CommonOptions.Choice("--task", [Auto, .. Tasks.Keys], Auto, "What to learn: a class, to give back the input through the narrowest layer, or a number; auto is a class, or a number where the target's values are no classes");
    private readonly Option<string> _target = CommonOptions.Target();
    private readonly Option<ImageSize?> _resize = CommonOptions.Resize();
    private readonly Option<int?> _epochs = CommonOptions.Integer("--epochs", 1, MaxEpochs, $"Passes over the training data [default: {SmallEpochs} below {SmallRows} training rows, as many as make {LeastSteps} steps below {LeastSteps / SmallEpochs} batches, else {LargeEpochs}]");
    private readonly Option<int?> _batch = CommonOptions.Integer("--batch", 1, MaxBatch, "Rows of a training step [default: 100]");
    private readonly Option<ulong> _seed = CommonOptions.Seed("--seed", 1, "Seed of the start and of the order of rows; the same seed gives the same model");
    private readonly Option<int?> _threads = CommonOptions.Threads();
    private readonly Option<string> _parallel = CommonOptions.Choice(
        "--parallel", ["off", TrainSettings.RowsParallel, TrainSettings.SynchronousParallel, TrainSettings.AsynchronousParallel], "off", "What threads share: every matrix product; with rows the rows of a batch, then layers, for narrow layers, with the same result; with sync and async blocks of layers, for deep networks, and batches overlap, so that the result is another one, which depends on timing with async alone");
    private readonly Option<string> _distributed = CommonOptions.Choice(
        "--distributed", ["off", TrainSettings.UnitsDistribution, TrainSettings.LayersDistribution], "off", "With mpi the processes that mpirun started train one network, each some units of every wide layer; the result is one process's but for rounding. With mpi-layers each has some of the layers, and memory for those alone; batches overlap as with --parallel sync");
    private readonly Option<float?> _mu = CommonOptions.Positive("--mu", "Penalty of a layer's deviation; larger learns more slowly and more safely [default: 20; lpom-paper: 1.5 times the layers]");
    private readonly Option<string> _init = CommonOptions.Choice(
        "--init", [Auto, .. Starts.Keys], Auto, "Start of the weights; auto is orthogonal where the activation saturates at both ends, else glorot");
    private readonly Option<string> _adaptiveMu = CommonOptions.Choice(
        "--adaptive-mu", [Auto, On, "off"], Auto, "Penalties chosen per layer and batch, for networks too deep for their start; auto is on where the start would let the signal fade to a hundredth");
    private readonly Option<float?> _rate = CommonOptions.Positive("--lr", "Size of the weight steps [default: lpom 3, with cross-entropy less beyond four layers, sgd 0.05, adam 0.001]");
    private readonly Option<float?> _decay = CommonOptions.Fraction("--weight-decay", "Part of the weights that a step takes away (sgd and adam: times the step size) [default: lpom 0.0015, with cross-entropy less beyond four layers, else 0]");
    private readonly Option<float?> _smoothing = CommonOptions.Fraction("--label-smoothing", "Part of every target that is spread over all classes, with cross-entropy [default: 0.1; lpom-paper: 0]");
    private readonly Option<float?> _dropout = CommonOptions.Fraction("--dropout", "Part of the inputs that every step sets to zero at random [default: 0]");
    private readonly Option<float?> _average = CommonOptions.Fraction("--average", "Last part of the run over which the weights are averaged [default: 0, the last weights]");
    private readonly Option<int?> _patience = CommonOptions.Integer("--patience", 1, MaxEpochs, "Epochs without a better validation figure after which training stops; the best epoch's weights are kept");
    private readonly Option<string> _schedule = CommonOptions.Choice("--schedule", [.. Schedules.Keys], "linear", "How the weight steps shrink to nothing over the run, or stay constant");
    private readonly Option<int?> _validation = CommonOptions.Integer("--validation", 0, int.MaxValue, "Training rows held out of training and reported on as validationAccuracy [default: 0; with --patience a tenth]");
    private readonly Option<string> _output = new("--output")
    {
        Description = "Model file to write",
        HelpName = "FILE",
        DefaultValueFactory = _ => "model.safetensors",
    };
    private readonly Option<string> _checkpoint = CommonOptions.Folder("--checkpoint", "Folder for all that is needed to go on when the run is ended before its time");
    private readonly Option<CheckpointInterval?> _checkpointEvery = new("--checkpoint-every")
    {
        Description = $"How often a checkpoint is written: a number of steps or a time [default: {CheckpointInterval.DefaultText}]",
        HelpName = "Nsteps|Ns|Nmin",
        CustomParser = result =>
        {
            if (CheckpointInterval.TryParse(CommonOptions.Text(result), out CheckpointInterval interval))
                return interval;
            result.AddError($"--checkpoint-every: {CheckpointInterval.Expected}; found '{CommonOptions.Text(result)}'");
            return null;
        },
    };
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on with the run in the --checkpoint folder, to the same model; with the same options" };
    private readonly Option<string> _report = CommonOptions.Report();
    private readonly Option<string> _log = CommonOptions.File("--log", "File to which every line of --json goes, also without --json; with --resume it grows");
    private readonly Option<string> _config = CommonOptions.File("--config", "JSON file of options by their names without '--'; those of the command line go before it");
    private readonly Option<string> _configFrom = new("--config-from")
    {
        Description = "Model file whose training is to be repeated, with its options",
        HelpName = CommonOptions.ModelPlaceholder,
    };
    private readonly Option<bool> _printConfig = new("--print-config") { Description = "Print all options, also those that data and method choose, for --config, and train nothing" };
    private readonly Option<bool> _printSchema = new("--print-config-schema") { Description = "Print the JSON schema of --config files" };
    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly Option<bool> _quiet = new("--quiet") { Description = "No progress and no messages but errors" };

    /// <summary>What every method has but paper mode.</summary>
    private Option[] NotOfPaper => [_init, _rate, _decay, _smoothing, _dropout, _average];

    public void AddTo(Command command)
    {
        _layers.Validators.Add(CheckLayers);
        foreach (Option option in (Option[])[_data, _dataDir, _target, _resize, _layers, _activation, _outputActivation, _loss, _method, _task, _epochs, _batch, _seed, _threads, _parallel, _distributed, _init, _mu, _adaptiveMu, _rate, _decay, _smoothing, _dropout, _average, _patience, _schedule, _validation, _output, _checkpoint, _checkpointEvery, _resume, _report, _log, _config, _configFrom, _printConfig, _printSchema, _json, _quiet])
            command.Options.Add(option);
    }

    /// <summary>Adds the options that mean the same for every method that knows them.</summary>
    public void AddSharedTo(Command command)
    {
        _layers.Validators.Add(CheckLayers);
        foreach (Option option in (Option[])[_data, _dataDir, _target, _resize, _layers, _activation, _loss, _task, _epochs, _batch, _threads, _init, _smoothing, _schedule, _report, _json, _quiet])
            command.Options.Add(option);
    }

    /// <summary>What <c>train</c> does when it is called with these arguments.</summary>
    public static TrainSettings Read(params string[] arguments)
    {
        var command = new Command("train");
        var options = new TrainCommandOptions();
        options.AddTo(command);
        return options.Read(command.Parse(arguments));
    }

    /// <exception cref="BadInputException">Options that contradict each other.</exception>
    public TrainSettings Read(ParseResult parsed)
    {
        string method = parsed.GetValue(_method)!;
        CheckBelongs(parsed, _mu, method, TrainSettings.StreamingMethod, TrainSettings.PaperMethod);
        CheckBelongs(parsed, _adaptiveMu, method, TrainSettings.StreamingMethod);
        CheckBelongs(parsed, _parallel, method, TrainSettings.StreamingMethod);
        if (DistributionOf(parsed) != Distribution.None)
            CheckDistributed(parsed, method);
        foreach (Option option in NotOfPaper)
            CheckBelongs(parsed, option, method, TrainSettings.StreamingMethod, TrainSettings.SgdMethod, TrainSettings.AdamMethod);
        return Read(parsed, method, TaskOf(parsed));
    }

    /// <summary>The settings for data that is loaded, by which a task is chosen when none is given.</summary>
    /// <exception cref="BadInputException">Options that contradict it.</exception>
    public TrainSettings ReadFor(ParseResult parsed, Dataset data) => Read(parsed, parsed.GetValue(_method)!, TaskOf(parsed, data));

    /// <summary>What is to be learnt; a class when the data is to tell, and is not loaded.</summary>
    public LearningTask TaskOf(ParseResult parsed, Dataset? data = null)
    {
        if (parsed.GetValue(_task) is string name && Tasks.TryGetValue(name, out LearningTask task))
            return task;
        return data?.Targets == TargetKind.Numbers ? LearningTask.Regress : LearningTask.Classify;
    }

    /// <summary>Options that are none of a training.</summary>
    public IReadOnlyList<Option> OfConfig => [_config, _configFrom, _printConfig, _printSchema];

    /// <summary>Whether all options are to be printed, and nothing trained.</summary>
    public bool PrintsConfig(ParseResult parsed) => parsed.GetValue(_printConfig);

    /// <summary>Whether the schema of configurations is to be printed.</summary>
    public bool PrintsSchema(ParseResult parsed) => parsed.GetValue(_printSchema);

    /// <summary>The model that says what data to train on; null when the command line does.</summary>
    public string? ModelOfData(ParseResult parsed) => parsed.GetResult(_data) is { Implicit: false } ? null : parsed.GetValue(_configFrom);

    /// <summary>The command line with the options of the file, or of the model, that it names.</summary>
    /// <exception cref="BadInputException">Both are named, or one holds no options, or bad ones.</exception>
    public ParseResult WithConfig(ParseResult parsed)
    {
        (string? file, string? model) = (parsed.GetValue(_config), parsed.GetValue(_configFrom));
        if (file is not null && model is not null)
            throw new BadInputException("--config and --config-from: give one of them");
        if (file is not null)
            return ConfigFile.Merge(parsed, ConfigFile.Read(file), file, OfConfig);
        if (model is null)
            return parsed;
        string? json = ModelFile.Load(model).Metadata.GetValueOrDefault(RunConfig.MetadataKey);
        return ConfigFile.Merge(parsed, json ?? throw new BadInputException($"--config-from: {model} does not say how it was trained; models of 'lpom train' do"), model, OfConfig);
    }

    /// <summary>What is asked of the data.</summary>
    public DataRequest RequestOf(ParseResult parsed) => new()
    {
        Target = parsed.GetValue(_target),
        Resize = parsed.GetValue(_resize),
        Kind = parsed.GetValue(_task) switch
        {
            Classify => TargetKind.Classes,
            Regress => TargetKind.Numbers,
            _ => null,
        },
    };

    /// <summary>The name of an option given that paper mode does not have; null when there is none.</summary>
    public string? GivenButNotOfPaper(ParseResult parsed) => NotOfPaper.FirstOrDefault(option => IsGiven(parsed, option))?.Name;

    /// <summary>The settings of one method of several, of which not each knows every option given.</summary>
    /// <exception cref="BadInputException">Options that contradict each other.</exception>
    public TrainSettings Read(ParseResult parsed, string method, LearningTask task)
    {
        bool isPaper = method == TrainSettings.PaperMethod;
        if (!LossNames.TryParse(parsed.GetValue(_loss), out Loss loss))
            loss = isPaper || task != LearningTask.Classify ? Loss.LeastSquares : Loss.CrossEntropy;
        string output = parsed.GetValue(_outputActivation) ?? "auto";
        CheckCombination(parsed, method, task, loss, output);
        _ = Activation.TryGet(parsed.GetValue(_activation)!, out Activation? hidden);
        _ = LayerSpec.TryParse(parsed.GetValue(_layers)!, out int[] widths, out _);
        return new TrainSettings
        {
            Data = parsed.GetValue(_data) ?? TrainSettings.BuiltInData,
            DataDir = parsed.GetValue(_dataDir),
            Target = parsed.GetValue(_target),
            Resize = parsed.GetValue(_resize),
            Layers = widths,
            Hidden = hidden!,
            OutputActivation = output,
            Loss = loss,
            Init = parsed.GetValue(_init) is string init && Starts.TryGetValue(init, out InitialWeights start) ? start : null,
            AdaptiveMu = parsed.GetValue(_adaptiveMu) is string adaptive && adaptive != Auto ? adaptive == On : null,
            Method = method,
            Task = task,
            Epochs = parsed.GetValue(_epochs),
            Batch = parsed.GetValue(_batch) ?? 100,
            Seed = parsed.GetValue(_seed),
            Parallelism = ParallelismOf(parsed),
            Distribution = DistributionOf(parsed),
            Threads = parsed.GetValue(_threads) ?? (DistributionOf(parsed) == Distribution.None ? null : MpiJob.Find()?.Threads) ?? Environment.ProcessorCount,
            Mu = parsed.GetValue(_mu),
            LearningRate = parsed.GetValue(_rate),
            WeightDecay = parsed.GetValue(_decay),
            LabelSmoothing = parsed.GetValue(_smoothing),
            Dropout = parsed.GetValue(_dropout) ?? 0,
            AveragedPart = parsed.GetValue(_average) ?? 0,
            Patience = parsed.GetValue(_patience),
            Schedule = Schedules[parsed.GetValue(_schedule)!],
            Validation = parsed.GetValue(_validation),
            Output = parsed.GetValue(_output) ?? "",
            Checkpoint = CheckpointOf(parsed),
            Log = parsed.GetValue(_log),
            Report = parsed.GetValue(_report),
            Json = parsed.GetValue(_json),
            Quiet = parsed.GetValue(_quiet),
        };
    }

    /// <summary>Epochs when the user gives none.</summary>
    /// <param name="trainingRows">At least 1.</param>
    /// <param name="batch">Rows of a step.</param>
    public static int DefaultEpochs(int trainingRows, int batch)
    {
        int steps = ((trainingRows - 1) / batch) + 1;
        int least = ((LeastSteps - 1) / steps) + 1;
        return trainingRows < SmallRows ? Math.Max(SmallEpochs, least) : LargeEpochs;
    }

    private static void CheckLayers(OptionResult result)
    {
        if (result.Tokens is [{ Value: string text }] && !LayerSpec.TryParse(text, out _, out string problem))
            result.AddError($"--layers: {problem}");
    }

    /// <exception cref="BadInputException">Options that contradict each other.</exception>
    private void CheckCombination(ParseResult parsed, string method, LearningTask task, Loss loss, string output)
    {
        bool isPaper = method == TrainSettings.PaperMethod;
        string name = $"--task {Tasks.First(pair => pair.Value == task).Key}";
        if (task != LearningTask.Classify && loss == Loss.CrossEntropy)
            throw new BadInputException($"--loss cross-entropy: {name} is trained by least squares; leave the option out");
        if (task != LearningTask.Classify && isPaper)
            throw new BadInputException($"{name}: --method {method} classifies only; give {TrainSettings.StreamingMethod}, {TrainSettings.SgdMethod} or {TrainSettings.AdamMethod}");
        if (!isPaper && loss == Loss.LeastSquares && IsGiven(parsed, _smoothing))
            throw new BadInputException($"--label-smoothing: {(task == LearningTask.Classify ? "--loss least-squares" : name)} has no such setting; it belongs to --loss cross-entropy, which classifies");
        if (method is TrainSettings.SgdMethod or TrainSettings.AdamMethod)
            CheckDecay(parsed.GetValue(_rate), parsed.GetValue(_decay));
        if (loss == Loss.CrossEntropy && output == "relu")
            throw new BadInputException("--output-activation relu: cross-entropy needs a linear output layer; leave the option out or give identity");
        if (!isPaper && output == "relu")
            throw new BadInputException($"--output-activation relu: --method {method} needs a linear output layer; leave the option out or give identity");
    }

    /// <exception cref="BadInputException">There is no folder for the other options.</exception>
    private CheckpointSettings? CheckpointOf(ParseResult parsed)
    {
        (string? folder, CheckpointInterval? every, bool resumes) = (parsed.GetValue(_checkpoint), parsed.GetValue(_checkpointEvery), parsed.GetValue(_resume));
        if (folder is null && (every is not null || resumes))
            throw new BadInputException($"{(resumes ? _resume.Name : _checkpointEvery.Name)}: there is no folder of checkpoints; give --checkpoint DIR");
        _ = CheckpointInterval.TryParse(CheckpointInterval.DefaultText, out CheckpointInterval usual);
        return folder is null ? null : new CheckpointSettings(folder, every ?? usual, resumes);
    }

    private Parallelism ParallelismOf(ParseResult parsed) => parsed.GetValue(_parallel) switch
    {
        TrainSettings.RowsParallel => Parallelism.Rows,
        TrainSettings.SynchronousParallel => Parallelism.Synchronous,
        TrainSettings.AsynchronousParallel => Parallelism.Asynchronous,
        _ => Parallelism.Products,
    };

    private Distribution DistributionOf(ParseResult parsed) => parsed.GetValue(_distributed) switch
    {
        TrainSettings.UnitsDistribution => Distribution.Units,
        TrainSettings.LayersDistribution => Distribution.Layers,
        _ => Distribution.None,
    };

    /// <exception cref="BadInputException">What ranks cannot share.</exception>
    private void CheckDistributed(ParseResult parsed, string method)
    {
        if (DistributionOf(parsed) == Distribution.Layers)
            CheckBelongs(parsed, _distributed, method, TrainSettings.StreamingMethod);
        else
            CheckBelongs(parsed, _distributed, method, TrainSettings.StreamingMethod, TrainSettings.SgdMethod, TrainSettings.AdamMethod);
        if (TrainSettings.NameOf(ParallelismOf(parsed)) is string name)
            throw new BadInputException($"{_parallel.Name} {name}: not with {_distributed.Name}, whose ranks share the rows and layers");
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <exception cref="BadInputException">A step of back-propagation would take all of the weights away.</exception>
    private static void CheckDecay(float? rate, float? decay)
    {
        // Either of the defaults makes for less than 1.
        if (rate * decay >= 1)
            throw new BadInputException($"--weight-decay {decay}: times --lr {rate}, a step would take {rate * decay} of the weights away; expected a product below 1");
    }

    /// <exception cref="BadInputException">The option is given, and the method does not know it.</exception>
    private static void CheckBelongs(ParseResult parsed, Option option, string method, params ReadOnlySpan<string> methods)
    {
        if (IsGiven(parsed, option) && !methods.Contains(method))
            throw new BadInputException($"{option.Name}: --method {method} has no such setting; it belongs to {string.Join(", ", methods.ToArray())}");
    }
}
