using System.Globalization;
using System.Numerics.Tensors;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Training.State;

/// <summary>What a trainer's state begins with.</summary>
internal static class StateFormat
{
    /// <summary><c>LPOMSTAT</c>.</summary>
    public const ulong Magic = 0x54_41_54_53_4D_4F_50_4C;

    /// <summary>Raised whenever a trainer keeps something else.</summary>
    public const int Version = 1;

    /// <exception cref="InvalidDataException">A value of the row is not finite.</exception>
    public static void CheckRow(ReadOnlyMatrixView matrix, int row)
    {
        ReadOnlySpan<float> values = matrix.Row(row);
        if (TensorPrimitives.IsFiniteAll(values)) return;
        int col = values.IndexOfNotFinite();
        string value = values[col].ToString(CultureInfo.InvariantCulture);
        throw new InvalidDataException($"The state has a matrix [{matrix.Rows} × {matrix.Cols}] with {value} in row {row}, column {col}, expected finite values.");
    }

    /// <exception cref="InvalidDataException">Not finite.</exception>
    public static void Check(double value)
    {
        if (!double.IsFinite(value)) throw new InvalidDataException($"The state has a value of {value.ToString(CultureInfo.InvariantCulture)}, expected a finite one.");
    }
}

/// <summary>What a value of a state is.</summary>
internal enum StateTag : byte
{
    /// <summary>Nothing follows.</summary>
    End,
    Matrix,
    Int32,
    Float32,
    Float64,
    Boolean,
}
