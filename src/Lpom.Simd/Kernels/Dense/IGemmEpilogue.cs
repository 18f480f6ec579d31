using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Kernels.Dense;

/// <summary>
/// What a product does to each finished element of C before it is left: a bias, an activation. Must act on every lane alone, so that
/// the result does not depend on how C is tiled.
/// </summary>
internal interface IGemmEpilogue
{
    /// <summary>The final value of a run of elements of one row of C.</summary>
    /// <param name="value">The product's elements in columns <paramref name="column"/> … column + Lanes − 1, all of them inside C.</param>
    /// <param name="column">The column of C of the first lane.</param>
    TV Apply<TW, TV>(TV value, int column)
        where TW : struct, ISimdWidth<TV>
        where TV : struct;
}

/// <summary>Leaves the product as it is, at no cost.</summary>
internal readonly struct IdentityEpilogue : IGemmEpilogue
{
    /// <inheritdoc />
    public TV Apply<TW, TV>(TV value, int column)
        where TW : struct, ISimdWidth<TV>
        where TV : struct => value;
}
