namespace Lpom.Simd.Training.Streaming.Stages;

/// <summary>What became of a batch.</summary>
/// <param name="layers">Of the network.</param>
internal sealed class BatchReport(int layers)
{
    /// <summary>Samples.</summary>
    public int Rows { get; private set; }

    /// <summary>Half the mean square norm of a sample's targets.</summary>
    public double TargetSize { get; set; }

    /// <summary>The mean loss per sample; the last stage's to write.</summary>
    public double Loss { get; set; }

    /// <summary>The same of the smoothed targets.</summary>
    public double Objective { get; set; }

    /// <summary>Of every layer; each stage writes those of its own.</summary>
    public double[] Residuals { get; } = new double[layers];

    /// <summary>What went wrong, by layer; each stage writes those of its own.</summary>
    public Divergence[] Found { get; } = new Divergence[layers];

    /// <summary>Makes it that of another batch.</summary>
    public void Begin(int rows)
    {
        Rows = rows;
        Array.Clear(Found);
    }

    /// <summary>Of the topmost layer where something went wrong.</summary>
    public Divergence Topmost()
    {
        for (int i = Found.Length - 1; i >= 0; i--)
        {
            if (Found[i].Kind != DivergenceKind.None) return Found[i] with { Objective = Objective };
        }
        return default;
    }
}
