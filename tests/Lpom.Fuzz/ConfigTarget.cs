using System.CommandLine;
using System.Text;
using Lpom.Cli;
using Lpom.Cli.Options;

namespace Lpom.Fuzz;

/// <summary>Files of options, read as <c>lpom train --config</c> does.</summary>
internal static class ConfigTarget
{
    private static readonly TrainCommandOptions Options = new();

    private static readonly Command Program = NewProgram();

    public static FuzzTarget Target { get; } = new("config", Seeds(), Read, typeof(BadInputException)) { IsText = true, FixedBytes = 1 << 20 };

    private static byte[][] Seeds() => [.. new[]
    {
        """{"version":1,"data":"digits","layers":"300-20","activation":"tanh","epochs":3,"quiet":true}""",
        """{"$schema":"x","method":"adam","lr":1e-3,"dropout":0.1,"seed":18446744073709551615,"schedule":"cosine","threads":2,}""",
        """{"task":"regress","target":"\"ä\"","weight-decay":0,"average":0.5,"batch":7,"mu":null,"checkpoint":"a b","checkpoint-every":"30s"}""",
    }.Select(Encoding.UTF8.GetBytes)];

    private static Action Read(ScratchFile file)
    {
        TrainSettings settings = Options.Read(Options.WithConfig(Program.Parse(["train", "--config", file.FullName])));
        return () =>
        {
            Outcome.Require(settings.Epochs is null or > 0, "epochs are from 1");
            Outcome.Require(settings.Batch > 0 && settings.Threads > 0, "sizes are from 1");
            Outcome.Require(settings.LearningRate is null || float.IsFinite(settings.LearningRate.Value), "the learning rate is finite");
        };
    }

    private static Command NewProgram()
    {
        var train = new Command("train");
        Options.AddTo(train);
        return new Command("lpom") { train };
    }
}
