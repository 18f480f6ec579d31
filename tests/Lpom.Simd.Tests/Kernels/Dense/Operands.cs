using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Simd.Tests.Kernels.Dense;

/// <summary>The two operands of a product in guarded memory, stored as its form wants them.</summary>
internal sealed class Operands : IDisposable
{
    private readonly GuardedMatrix a;
    private readonly GuardedMatrix b;

    public Operands(GemmForm form, int m, int n, int k, Func<int, int, float>? value = null)
    {
        a = form == GemmForm.TN ? new GuardedMatrix(k, m, gap: 1) : new GuardedMatrix(m, k, gap: 2);
        b = form == GemmForm.NT ? new GuardedMatrix(n, k, gap: 3) : new GuardedMatrix(k, n);
        a.Fill(value ?? DenseReference.Noise(1));
        b.Fill(value ?? DenseReference.Noise(2));
    }

    public MatrixView A => a.View;

    public MatrixView B => b.View;

    public void Dispose()
    {
        a.Dispose();
        b.Dispose();
    }
}
