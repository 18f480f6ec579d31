using Lpom.Bench.Parallel;
using Lpom.Bench.Ratios;
using Lpom.Bench.Scaling;
using Lpom.Bench.Soak;
using Lpom.Bench.StartUp;
#if !NATIVE_IMAGE
using Lpom.Bench.Stages;
#endif

const string MeasuresUsage = """
      ratios [--threads N] [--simd 512|256|128|1] [--op NAME,…] [--repeat N]
          The dense kernels and OpenBLAS (when libopenblas is there) alternately on the same
          buffers, elementwise functions and TensorPrimitives: one line of JSON per shape on
          stdout, what was compared on stderr. Runs on as many processors as threads; --repeat
          measures the whole list N times.
      startup [--layers 784-300-10|784-2048-2048-2048-10] [--threads N]
          The first training steps of this process beside those once it is warm: a line of JSON.
      parallel [--layers 19] [--width 256] [--activation relu] [--batch 32] [--threads N] [--rounds 9]
          Training steps on one thread and on N, which share products or rows and layers, or have
          layers of their own, in turn: a line of JSON.
      scaling [--output docs/scaling.md] [--runs FILE.jsonl] [--measure 1,2] [--node-cores 64] …
          A cost model of training on many ranks, checked against runs that eng/scaling-runs.sh
          measured: writes the page, and takes some seconds to measure the model's constants where
          the runs have none. --measure prints those of so many ranks at once, a line of JSON each.
      soak [--minutes M] [--seed N]
          Training, predictions, online learning, files and cancellations at once, 30 minutes:
          a line of JSON, exit code 1 when an answer is wrong or the process grows.
    """;

#if NATIVE_IMAGE
const string Usage = $"""
    Usage: Lpom.Bench COMMAND

    {MeasuresUsage}
      suites
          The BenchmarkDotNet suites are not in this native image: they compile programs at run
          time. Use: dotnet run -c Release --project src/Lpom.Bench -- suites
    """;
#else
const string Usage = $"""
    Usage: dotnet run -c Release --project src/Lpom.Bench -- COMMAND

    {MeasuresUsage}
      suites [BenchmarkDotNet arguments]
          The BenchmarkDotNet suites, one per stage. 'suites --list flat' names them,
          'suites --filter *Prediction*' runs some, and with '--job dry' each just once.
    """;
#endif

switch (args)
{
    case ["ratios", .. string[] rest]:
        return RatiosCommand.Run(rest);
    case ["startup", .. string[] rest]:
        return StartUpCommand.Run(rest);
    case ["parallel", .. string[] rest]:
        return ParallelCommand.Run(rest);
    case ["scaling", .. string[] rest]:
        return ScalingCommand.Run(rest);
    case ["soak", .. string[] rest]:
        return SoakCommand.Run(rest);
#if !NATIVE_IMAGE
    case ["suites", .. string[] rest]:
        return SuitesCommand.Run(rest);
#endif
    default:
        Console.Error.WriteLine(Usage);
        return 2;
}
