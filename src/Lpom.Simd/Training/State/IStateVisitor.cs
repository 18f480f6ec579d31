using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Training.State;

/// <summary>
/// Passes over everything that a trainer's next steps depend on, to write it or to read it: each class has one list of it, so that neither
/// can forget a part. All values are finite, or training has gone wrong.
/// </summary>
internal interface IStateVisitor
{
    /// <summary>All elements, row by row.</summary>
    void Visit(MatrixView matrix);

    /// <summary>A count of something, from 0.</summary>
    void Visit(ref int value);

    void Visit(ref float value);

    void Visit(ref double value);

    void Visit(ref bool value);
}
