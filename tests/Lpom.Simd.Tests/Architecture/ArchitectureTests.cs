using System.Text.RegularExpressions;

namespace Lpom.Simd.Tests.Architecture;

/// <summary>The two halves of the core: what is computed, without intrinsics; how, without the paper's words.</summary>
public partial class ArchitectureTests
{
    [Theory]
    [InlineData("Model")]
    [InlineData("Proximal")]
    [InlineData("Training")]
    public void The_half_that_says_what_has_no_intrinsics_and_nothing_unsafe(string folder) =>
        AssertNoLine(folder, @"System\.Runtime\.Intrinsics|\bunsafe\b|\bfixed\b \(|\bstackalloc float\b|float\*");

    [Fact]
    public void The_half_that_says_how_does_not_know_the_paper() =>
        AssertNoLine("Kernels", @"using Lpom\.Simd\.(Model|Proximal|Training)|\bLPOM\b|\bLayer\b|\bNetwork\b");

    [Fact]
    public void Every_path_of_the_map_exists()
    {
        string map = RepositoryFiles.Path("src", "Lpom.Simd", "README.md");
        string[] paths = [.. PathInMap().Matches(File.ReadAllText(map)).Select(m => m.Groups[1].Value)];
        Assert.True(paths.Length > 20);
        Assert.All(paths, p => Assert.True(Path.Exists(RepositoryFiles.Path("src", "Lpom.Simd", p)), p));
    }

    [Theory]
    [InlineData("Training")]
    [InlineData("Proximal")]
    public void Every_stage_is_on_the_map(string folder)
    {
        string map = File.ReadAllText(RepositoryFiles.Path("src", "Lpom.Simd", "README.md"));
        Assert.Contains($"`{folder}/", map);
    }

    [GeneratedRegex(@"[`(]([A-Za-z./-]+/[A-Za-z./-]*)[`)]")]
    private static partial Regex PathInMap();

    private static void AssertNoLine(string folder, string pattern)
    {
        string root = RepositoryFiles.Path("src", "Lpom.Simd", folder);
        var found = from file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                    from line in File.ReadLines(file)
                    where Regex.IsMatch(line, pattern, RegexOptions.None, TimeSpan.FromSeconds(1))
                    select $"{Path.GetFileName(file)}: {line.Trim()}";
        Assert.Empty(found);
    }
}
