using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Training.State;

namespace Lpom.Simd.Tests.Training.State;

/// <summary>A NaN for the first element of a matrix of a state.</summary>
internal sealed class Poisoner(int matrix) : IStateVisitor
{
    private int _left = matrix;

    public void Visit(MatrixView matrix)
    {
        if (_left-- == 0) matrix[0, 0] = float.NaN;
    }

    public void Visit(ref int value)
    {
    }

    public void Visit(ref float value)
    {
    }

    public void Visit(ref double value)
    {
    }

    public void Visit(ref bool value)
    {
    }
}
