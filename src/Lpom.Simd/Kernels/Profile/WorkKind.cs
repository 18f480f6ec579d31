namespace Lpom.Simd.Kernels.Profile;

/// <summary>What a job of the kernels is for, as <see cref="WorkProfile"/> tells them apart.</summary>
internal enum WorkKind
{
    /// <summary>Matrix products of all shapes and Gram matrices, with the packing of their operands and their epilogues.</summary>
    Product,

    /// <summary>Maps, reductions, softmax.</summary>
    Elementwise,

    /// <summary>Substitution with the diagonal blocks of a triangular solve.</summary>
    Substitution,
}
