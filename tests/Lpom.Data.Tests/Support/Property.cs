using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Lpom.Data.Tests.Support;

/// <summary>Runs an FsCheck property; LPOM_REPLAY=SEED,GAMMA, as a failure prints them, runs the same cases again.</summary>
internal static class Property
{
    public static void Holds<T>(Gen<T> cases, Func<T, bool> property) =>
        Check.One(Configuration(), Prop.ForAll(cases.ToArbitrary(), property));

    private static Config Configuration()
    {
        string? replay = Environment.GetEnvironmentVariable("LPOM_REPLAY");
        if (string.IsNullOrEmpty(replay))
            return Config.QuickThrowOnFailure;
        ulong[] parts = replay.Split(',').Select(part => ulong.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return Config.QuickThrowOnFailure.WithReplay(parts[0], parts[1]);
    }
}
