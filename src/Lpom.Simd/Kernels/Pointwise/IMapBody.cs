using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Pointwise;

/// <summary>The operands of a map, standing at a row: what the loops of <see cref="MapKernel{TBody}"/> need of them.</summary>
internal interface IMapBody<TSelf>
    where TSelf : struct, IMapBody<TSelf>
{
    /// <summary>The same operands, standing some rows and columns further.</summary>
    TSelf Skip(nint rows, nint cols);

    /// <summary>Loads a vector of each input at a column and applies the operator; one-result operators leave the second at default.</summary>
    TV Compute<TW, TV>(nint col, out TV second)
        where TW : struct, ISimdWidth<TV>
        where TV : struct;

    /// <summary>Stores the results at a column.</summary>
    void Store<TW, TV>(TV first, TV second, nint col)
        where TW : struct, ISimdWidth<TV>
        where TV : struct;
}
