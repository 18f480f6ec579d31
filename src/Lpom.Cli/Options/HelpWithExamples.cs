using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Lpom.Cli.Options;

/// <summary>The usual help of a command, then its examples and the exit codes.</summary>
internal sealed class HelpWithExamples(HelpAction help, Func<Command, string> examples) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        int code = help.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        output.WriteLine(examples(parseResult.CommandResult.Command));
        output.WriteLine();
        output.WriteLine(ExitCodes.Description);
        return code;
    }
}
