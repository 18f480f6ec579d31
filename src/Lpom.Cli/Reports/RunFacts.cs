using System.Globalization;
using System.Runtime.InteropServices;
using Lpom.Cli.Comparison.Paper;
using Lpom.Cli.Options;
using Lpom.Cli.Terminal;
using Lpom.Cli.Training.Checkpoints;
using Lpom.Data;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Cli.Reports;

/// <summary>What is needed to do it again: the command, the versions, the machine, the data.</summary>
internal static class RunFacts
{
    /// <param name="data">The data.</param>
    /// <param name="threads">Threads.</param>
    public static IReadOnlyList<(string, string)> Of(Dataset data, int threads) =>
    [
        ("Command", string.Join(' ', (string[])["lpom", .. Environment.GetCommandLineArgs().Skip(1).Select(ShellWord.Quote)])),
        ("Date", DateTimeOffset.Now.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture)),
        ("Program", $"lpom {VersionAction.Number}, {RuntimeInformation.FrameworkDescription}"),
        ("Machine", string.Create(CultureInfo.InvariantCulture, $"{ProcessorName.Current}, {Environment.ProcessorCount} processors; {threads} {(threads == 1 ? "thread" : "threads")}, vectors of {(int)SimdLevel.Current} bits")),
        ("System", RuntimeInformation.OSDescription),
        ("Data", string.Create(CultureInfo.InvariantCulture, $"{data.Name}: {data.Train.Rows:N0} rows to train, {data.Test.Rows:N0} to test, {data.Features:N0} inputs{Targets(data)}")),
        ("Data digest", $"XXH128 {RunIdentity.DigestOf(data)} of all inputs and targets"),
    ];

    private static string Targets(Dataset data) => data.Targets == TargetKind.Classes
        ? string.Create(CultureInfo.InvariantCulture, $", {data.Classes:N0} classes")
        : $", {string.Join(", ", data.NumberNames)} to learn";
}
