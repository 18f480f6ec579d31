using System.Globalization;

namespace Lpom.Data;

/// <summary>Size of an image, written as <c>28x20</c>.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public readonly record struct ImageSize(int Width, int Height)
{
    /// <summary>Most pixels of a side.</summary>
    public const int MostSide = 4096;

    /// <summary>Reads what <see cref="ToString"/> writes; false for sides that are not in 1…<see cref="MostSide"/>.</summary>
    public static bool TryParse(string? text, out ImageSize size)
    {
        size = default;
        if (text?.Split('x') is not [string first, string second] || !TrySide(first, out int width) || !TrySide(second, out int height))
            return false;
        size = new ImageSize(width, height);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}x{Height}");

    private static bool TrySide(string text, out int side) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out side) && side is >= 1 and <= MostSide;
}
