namespace Lpom.Cli;

internal static class Program
{
    private static int Main(string[] arguments)
    {
        ProcessorHandOver.Run();
        return LpomCommand.Run(arguments);
    }
}
