using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Tests.Kernels.Dense;

/// <summary>The two operands of a product in guarded memory, stored as its form wants them.</summary>
internal sealed class Operands : IDisposable
{
    private readonly GuardedMatrix _a;
    private readonly GuardedMatrix _b;

    public Operands(GemmForm form, int m, int n, int k, Func<int, int, float>? value = null)
    {
        _a = form == GemmForm.TN ? new GuardedMatrix(k, m, gap: 1) : new GuardedMatrix(m, k, gap: 2);
        _b = form == GemmForm.NT ? new GuardedMatrix(n, k, gap: 3) : new GuardedMatrix(k, n);
        _a.Fill(value ?? DenseReference.Noise(1));
        _b.Fill(value ?? DenseReference.Noise(2));
    }

    public MatrixView A => _a.View;

    public MatrixView B => _b.View;

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }
}
