using System.Numerics.Tensors;
using Lpom.Simd.Model;

namespace Lpom.Cli.Training;

/// <summary>A layer in an epoch.</summary>
/// <param name="Residual">Mean over the steps of the root mean square of φ(WⁱXⁱ) − Xⁱ⁺¹; NaN without steps.</param>
/// <param name="Norm">‖Wⁱ‖ in the Frobenius norm, at the epoch's end.</param>
internal readonly record struct LayerFigures(double Residual, double Norm)
{
    /// <summary>‖W‖ of a layer.</summary>
    public static double NormOf(Layer layer)
    {
        double squares = 0;
        for (int unit = 0; unit < layer.Outputs; unit++)
            squares += TensorPrimitives.SumOfSquares(layer.Weights.Row(unit));
        return Math.Sqrt(squares);
    }
}
