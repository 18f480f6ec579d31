using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

/// <summary>
/// The machine code of the micro-kernel's tallest tile, as the compiler prints it from a real training: a change that makes it spill a
/// vector or call a function in the loop costs a third of all speed and breaks no other test.
/// </summary>
public sealed partial class MicroKernelCodeTests : IDisposable
{
    private const int Unrolled = 4;

    private readonly TestFolder _folder = new();

    private static int Rows => Vector512.IsHardwareAccelerated ? 12 : 6;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_loops_hold_their_fma_and_no_spill_and_no_call()
    {
        if (!Fma.IsSupported)
            return;
        string listing = LpomProcess.RunBuilt(_folder.FullName, ("DOTNET_JitDisasm", "Run"), "train", "--method", "lpom-paper", "--epochs", "1", "--threads", "1").Output;
        AssertTight(Loop(listing, "RowMajor", "Packed"));
        AssertTight(Loop(listing, "Packed", "Packed"));
        AssertTight(Loop(listing, "Packed", "PackedAhead"));
        // Packing takes two loads, two stores and the addresses of each term more.
        AssertTight(Loop(listing, "PackedOnTheWay", "Packed"), more: Unrolled * 9);
        AssertTight(Loop(listing, "Packed", "PackedOnTheWay"), more: Unrolled * 9);
    }

    private static void AssertTight(string[] loop, int more = 0)
    {
        string vector = Vector512.IsHardwareAccelerated ? "zmm" : "ymm";
        Assert.Equal(Unrolled * 2 * Rows, loop.Count(line => line.StartsWith("vfmadd", StringComparison.Ordinal)));
        Assert.DoesNotContain(loop, line => line.StartsWith("call", StringComparison.Ordinal));
        Assert.DoesNotContain(loop, line => line.Contains(vector, StringComparison.Ordinal) && StackOperand().IsMatch(line));
        // Two FMA and a broadcast for each row, two loads of B; beside them steps of pointers, and pointers that wait on the stack.
        int needed = Unrolled * ((3 * Rows) + 2);
        Assert.InRange(loop.Length, needed, needed + more + (2 * Rows) + Unrolled);
    }

    // The instructions of the kernel's longest loop.
    private static string[] Loop(string listing, string a, string b)
    {
        string types = $"+{a},Lpom.Simd.Kernels.Dense.GemmKernel+{b},Lpom.Simd.Kernels.Dense.GemmKernel+Count2,Lpom.Simd.Kernels.Dense.GemmKernel+Count{Rows}]";
        // Its callers name it too; its own listing begins with its name.
        string kernel = listing.Split("; Assembly listing for method ")
            .First(method => method.Split('\n')[0].Contains(types, StringComparison.Ordinal));
        Match loop = BackwardJump().Matches(kernel).MaxBy(match => match.Length)!;
        return [.. loop.Value.Split('\n').Select(line => line.Trim()).Where(line => Instruction().IsMatch(line))];
    }

    // From a label to a jump back to it, with no other way out between.
    [GeneratedRegex(@"(?<label>G_M\d+_IG\d+):((?!\sjmp\s|\sret\s).)*?\sj\w+\s+(SHORT\s+)?\k<label>\b", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex BackwardJump();

    [GeneratedRegex(@"^(?!align)[a-z]\w+(\s|$)", RegexOptions.ExplicitCapture)]
    private static partial Regex Instruction();

    [GeneratedRegex(@"\[r[bs]p")]
    private static partial Regex StackOperand();
}
