using System.Globalization;

namespace Lpom.Cli.Training.Checkpoints;

/// <summary>How often a checkpoint is written: every so many steps, or after so much time.</summary>
/// <param name="Steps">0 for an interval of time.</param>
/// <param name="Time">Zero for an interval of steps.</param>
internal readonly record struct CheckpointInterval(int Steps, TimeSpan Time)
{
    public const string DefaultText = "5min";

    public const string Expected = "expected a number of steps or a time, such as 500steps, 30s or 5min";

    /// <summary>As <see cref="TryParse"/> reads it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(Steps > 0 ? Steps : Time.TotalSeconds)}{(Steps > 0 ? "steps" : "s")}");

    /// <summary>Reads <c>500steps</c>, <c>30s</c> or <c>5min</c>.</summary>
    public static bool TryParse(string text, out CheckpointInterval interval)
    {
        string unit = text.TrimStart("0123456789".ToCharArray());
        interval = default;
        if (!int.TryParse(text[..^unit.Length], NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count == 0)
            return false;
        CheckpointInterval? found = unit switch
        {
            "steps" or "step" => new(count, TimeSpan.Zero),
            "s" => new(0, TimeSpan.FromSeconds(count)),
            "min" => new(0, TimeSpan.FromMinutes(count)),
            _ => null,
        };
        interval = found.GetValueOrDefault();
        return found is not null;
    }
}
