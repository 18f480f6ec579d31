namespace Lpom.Cli;

internal static class Program
{
    private static int Main(string[] arguments) => LpomCommand.Run(arguments);
}
