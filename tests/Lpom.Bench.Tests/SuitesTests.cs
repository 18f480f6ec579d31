using System.Reflection;
using BenchmarkDotNet.Attributes;
using Lpom.Bench.Ratios;
using Lpom.Bench.Stages;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Bench.Tests;

public sealed class SuitesTests
{
    public static TheoryData<Type> Suites =>
        [.. typeof(SuitesCommand).Assembly.GetExportedTypes().Where(t => BenchmarksOf(t).Any())];

    [Fact]
    public void The_list_names_a_suite_of_every_stage()
    {
        TextWriter console = Console.Out;
        using var list = new StringWriter();
        Console.SetOut(list);
        try
        {
            Assert.Equal(0, SuitesCommand.Run(["--list", "flat"]));
        }
        finally
        {
            Console.SetOut(console);
        }
        foreach (string suite in (string[])["Data", "Prediction", "Activation", "ActivationUpdate", "WeightSolve", "TrainingStep", "DenseProduct"])
            Assert.Contains($"Lpom.Bench.Stages.{suite}Benchmarks.", list.ToString());
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Every_benchmark_runs(Type suite)
    {
        Assert.NotNull(suite.GetCustomAttribute<MemoryDiagnoserAttribute>());
        foreach (MethodInfo benchmark in BenchmarksOf(suite))
        {
            if (benchmark.Name.EndsWith("OpenBlas") && OpenBlas.TryLoad(1, SimdLevel.Current) is null) continue;
            object instance = WithFirstParameters(suite);
            SetupOf(suite, benchmark.Name)?.Invoke(instance, null);
            benchmark.Invoke(instance, null);
            (instance as IDisposable)?.Dispose();
        }
    }

    private static IEnumerable<MethodInfo> BenchmarksOf(Type suite) =>
        suite.GetMethods().Where(m => m.GetCustomAttribute<BenchmarkAttribute>() is not null);

    private static MethodInfo? SetupOf(Type suite, string benchmark) => suite.GetMethods().SingleOrDefault(m =>
        m.GetCustomAttribute<GlobalSetupAttribute>() is { } setup && (setup.Targets.Length == 0 || setup.Targets.Contains(benchmark)));

    private static object WithFirstParameters(Type suite)
    {
        object instance = Activator.CreateInstance(suite)!;
        foreach (PropertyInfo property in suite.GetProperties())
        {
            if (property.GetCustomAttribute<ParamsAttribute>() is { } values) property.SetValue(instance, values.Values[0]);
            if (property.GetCustomAttribute<ParamsSourceAttribute>() is { } source)
                property.SetValue(instance, ((IEnumerable<object>)suite.GetProperty(source.Name)!.GetValue(null)!).First());
        }
        return instance;
    }
}
