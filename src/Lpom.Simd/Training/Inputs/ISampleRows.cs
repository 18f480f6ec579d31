namespace Lpom.Simd.Training.Inputs;

/// <summary>The rows of a data set, which training reads its statistics from.</summary>
public interface ISampleRows
{
    /// <summary>Number of rows, at least 1.</summary>
    int Rows { get; }

    /// <summary>Number of values of a row.</summary>
    int Features { get; }

    /// <summary>Copies consecutive rows. Must be safe for several threads at once.</summary>
    /// <param name="firstRow">The first, from 0.</param>
    /// <param name="count">How many.</param>
    /// <param name="destination">Row i starts at i · <paramref name="stride"/>.</param>
    /// <param name="stride">Floats between rows, at least <see cref="Features"/>; what lies between rows is left alone.</param>
    void CopyInputs(int firstRow, int count, Span<float> destination, int stride);
}
