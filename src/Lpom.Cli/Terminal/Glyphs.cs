namespace Lpom.Cli.Terminal;

/// <summary>What bars and curves are drawn with, each a cell wide.</summary>
/// <param name="Levels">Of a curve, the lowest first.</param>
/// <param name="Done">A full cell of a bar.</param>
/// <param name="Left">An empty cell of a bar.</param>
internal sealed record Glyphs(string Levels, char Done, char Left)
{
    public static readonly Glyphs Unicode = new("▁▂▃▄▅▆▇█", '━', '─');

    public static readonly Glyphs Ascii = new("_.:-=+*#", '#', '-');

    /// <summary>The glyph of a value between two others; the logarithm of its ratio to them counts.</summary>
    /// <param name="value">From <paramref name="least"/> to <paramref name="most"/>, but for rounding.</param>
    /// <param name="least">Above 0.</param>
    /// <param name="most">Above <paramref name="least"/>.</param>
    public char Level(double value, double least, double most)
    {
        double height = Math.Log(Math.Max(value, least) / least) / Math.Log(most / least);
        return Levels[Math.Clamp((int)Math.Round(height * (Levels.Length - 1)), 0, Levels.Length - 1)];
    }
}
