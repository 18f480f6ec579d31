using FsCheck;
using FsCheck.Fluent;

namespace Lpom.Simd.Tests.Support;

/// <summary>
/// Property tests: random cases, shrunk when one fails. The seed is fixed, so that a run repeats; LPOM_TEST_SEED tries another.
/// </summary>
internal static class Properties
{
    private const string SeedVariable = "LPOM_TEST_SEED";
    private const ulong DefaultSeed = 20190127;

    public static void Hold<T>(Arbitrary<T> cases, Action<T> property, int count = 200) =>
        Check.One(Config(count), Prop.ForAll(cases, property));

    private static Config Config(int count)
    {
        ulong seed = ulong.TryParse(Environment.GetEnvironmentVariable(SeedVariable), out ulong given) ? given : DefaultSeed;
        // The second number of an FsCheck seed must be odd.
        Replay replay = new(new Rnd(seed, 1), null);
        return FsCheck.Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(count).WithReplay(replay);
    }
}
