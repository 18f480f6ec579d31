namespace Lpom.Simd.Model;

/// <summary>The names of the losses, as model files and the command line write them.</summary>
public static class LossNames
{
    private const string LeastSquares = "least-squares";
    private const string CrossEntropy = "cross-entropy";

    /// <summary>Every name.</summary>
    public static IReadOnlyList<string> All { get; } = [LeastSquares, CrossEntropy];

    /// <summary>The loss's name.</summary>
    public static string Name(this Loss loss) => loss == Loss.LeastSquares ? LeastSquares : CrossEntropy;

    /// <summary>Reads a name; false when there is no such loss.</summary>
    public static bool TryParse(string? name, out Loss loss)
    {
        loss = name == CrossEntropy ? Loss.CrossEntropy : Loss.LeastSquares;
        return name is LeastSquares or CrossEntropy;
    }
}
