namespace Lpom.Simd.Kernels.Width;

/// <summary>A kernel: one body for all widths, with its arguments in its fields. <see cref="SimdLevel"/> chooses the width.</summary>
internal interface IKernel
{
    /// <summary>Runs the body at width <typeparamref name="TW"/> over vectors <typeparamref name="TV"/>.</summary>
    void Run<TW, TV>()
        where TW : struct, ISimdWidth<TV>
        where TV : struct;
}
