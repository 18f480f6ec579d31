namespace Lpom.Bench.Ratios;

/// <summary>A line of JSON: one shape's figures.</summary>
/// <param name="Op">gemm, gemv, syrk, potrf or trsm.</param>
/// <param name="Trans">The stored form.</param>
/// <param name="M">Rows of the result.</param>
/// <param name="N">Columns of the result.</param>
/// <param name="K">Terms of the sum.</param>
/// <param name="Threads">Threads of both.</param>
/// <param name="Simd">Our vector width in bits, 1 for scalar.</param>
/// <param name="Gflops">Ours, GFLOP/s.</param>
/// <param name="Openblas">OpenBLAS's, GFLOP/s; null without it.</param>
/// <param name="Ratio">Ours over OpenBLAS's.</param>
/// <param name="PeakFraction">Ours over the FMA loop's, times the threads.</param>
internal sealed record RatioLine(
    string Op, string Trans, int M, int N, int K, int Threads, int Simd, double Gflops, double? Openblas, double? Ratio, double PeakFraction)
{
    /// <summary>The figures of a case from its seconds per call.</summary>
    public static RatioLine From(RatioCase measured, double ours, double peer, int threads, int simd, double peak)
    {
        double gflops = measured.Flops / ours / 1e9;
        return new RatioLine(
            measured.Op,
            measured.Trans,
            measured.M,
            measured.N,
            measured.K,
            threads,
            simd,
            Math.Round(gflops, 2),
            double.IsNaN(peer) ? null : Math.Round(measured.Flops / peer / 1e9, 2),
            double.IsNaN(peer) ? null : Math.Round(peer / ours, 3),
            Math.Round(gflops / (peak * threads), 3));
    }
}
