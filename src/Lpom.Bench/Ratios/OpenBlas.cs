using System.Runtime.InteropServices;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Bench.Ratios;

/// <summary>The peer: OpenBLAS, loaded into this process with its kernels at their best.</summary>
internal sealed unsafe partial class OpenBlas
{
    private const string CoreVariable = "OPENBLAS_CORETYPE";
    private const string CacheVariable = "OPENBLAS_L2_SIZE";
    private const string BestCore = "SapphireRapids";
    private const int RowMajor = 101;
    private const int NoTranspose = 111;
    private const int Transposed = 112;
    private const int LowerTriangle = 122;
    private const int NonUnit = 131;
    private const int LeftSide = 141;

    private static readonly string[] Names = ["libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "libopenblas.dll"];

    private readonly delegate* unmanaged[Cdecl]<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> _gemm;
    private readonly delegate* unmanaged[Cdecl]<int, int, int, int, int, float, float*, int, float, float*, int, void> _syrk;
    private readonly delegate* unmanaged[Cdecl]<int, int, int, int, int, int, int, float, float*, int, float*, int, void> _trsm;
    private readonly delegate* unmanaged[Cdecl]<int, int, int, int, float, float*, int, float*, int, float, float*, int, void> _gemv;
    private readonly delegate* unmanaged[Cdecl]<byte*, int*, float*, int*, int*, void> _potrf;

    private OpenBlas(nint library, int threads)
    {
        _gemm = (delegate* unmanaged[Cdecl]<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)
            NativeLibrary.GetExport(library, "cblas_sgemm");
        _syrk = (delegate* unmanaged[Cdecl]<int, int, int, int, int, float, float*, int, float, float*, int, void>)
            NativeLibrary.GetExport(library, "cblas_ssyrk");
        _trsm = (delegate* unmanaged[Cdecl]<int, int, int, int, int, int, int, float, float*, int, float*, int, void>)
            NativeLibrary.GetExport(library, "cblas_strsm");
        _gemv = (delegate* unmanaged[Cdecl]<int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)
            NativeLibrary.GetExport(library, "cblas_sgemv");
        _potrf = (delegate* unmanaged[Cdecl]<byte*, int*, float*, int*, int*, void>)NativeLibrary.GetExport(library, "spotrf_");
        ((delegate* unmanaged[Cdecl]<int, void>)NativeLibrary.GetExport(library, "openblas_set_num_threads"))(threads);
        Core = Text(library, "openblas_get_corename");
        Configuration = Text(library, "openblas_get_config");
    }

    /// <summary>The kernels that it chose for this processor.</summary>
    public string Core { get; }

    /// <summary>Its version and build.</summary>
    public string Configuration { get; }

    private bool IsAvx512 => Core is "SkylakeX" or "Cooperlake" or "SapphireRapids" or "Zen4" or "Zen5";

    /// <summary>
    /// Loads it, or null when there is none. Settings in the environment that choose other kernels or caches are removed; below the
    /// hardware's width it gets the kernels of that width, and its best ones on a processor newer than it knows.
    /// </summary>
    public static OpenBlas? TryLoad(int threads, SimdWidth width)
    {
        // Environment.SetEnvironmentVariable does not reach native code.
        bool hasEnvironment = OperatingSystem.IsLinux() || OperatingSystem.IsMacOS();
        bool canChoose = hasEnvironment && RuntimeInformation.ProcessArchitecture == Architecture.X64;
        if (hasEnvironment)
        {
            _ = UnsetEnvironment(CoreVariable);
            _ = UnsetEnvironment(CacheVariable);
        }
        if (canChoose && width < SimdLevel.Hardware) _ = SetEnvironment(CoreVariable, width == SimdWidth.Bits256 ? "Haswell" : "Nehalem", 1);
        foreach (string name in Names)
        {
            if (!NativeLibrary.TryLoad(name, out nint library)) continue;
            var loaded = new OpenBlas(library, threads);
            if (loaded.IsFairAt(width) || !canChoose) return loaded;
            NativeLibrary.Free(library);
            _ = SetEnvironment(CoreVariable, BestCore, 1);
            return NativeLibrary.TryLoad(name, out library) ? new OpenBlas(library, threads) : null;
        }
        return null;
    }

    /// <summary>False when we use 512-bit vectors at the hardware's full width, and it does not.</summary>
    /// <param name="width">Our vector width.</param>
    public bool IsFairAt(SimdWidth width) => width != SimdWidth.Bits512 || SimdLevel.Hardware != SimdWidth.Bits512 || IsAvx512;

    /// <summary>C ← op(A)·op(B), all row-major.</summary>
    public void Gemm(bool transA, bool transB, int m, int n, int k, float* a, int lda, float* b, int ldb, float* c, int ldc) =>
        _gemm(RowMajor, transA ? Transposed : NoTranspose, transB ? Transposed : NoTranspose, m, n, k, 1, a, lda, b, ldb, 0, c, ldc);

    /// <summary>The lower triangle of C ← Xᵀ·X.</summary>
    public void SyrkTransposed(int n, int k, float* x, int ldx, float* c, int ldc) =>
        _syrk(RowMajor, LowerTriangle, Transposed, n, k, 1, x, ldx, 0, c, ldc);

    /// <summary>y ← op(A)·x for a row-major A [m × n].</summary>
    public void Gemv(bool transA, int m, int n, float* a, int lda, float* x, float* y) =>
        _gemv(RowMajor, transA ? Transposed : NoTranspose, m, n, 1, a, lda, x, 1, 0, y, 1);

    /// <summary>B ← L⁻¹·B.</summary>
    public void SolveLower(int n, int columns, float* l, int ldl, float* b, int ldb) =>
        _trsm(RowMajor, LeftSide, LowerTriangle, NoTranspose, NonUnit, n, columns, 1, l, ldl, b, ldb);

    /// <summary>The Cholesky factor in A's lower triangle (row-major, LAPACK's 'U').</summary>
    public void Factor(int n, float* a, int lda)
    {
        byte upper = (byte)'U';
        int info;
        _potrf(&upper, &n, a, &lda, &info);
        if (info != 0) throw new InvalidOperationException($"spotrf failed with info {info}.");
    }

    private static string Text(nint library, string function) =>
        Marshal.PtrToStringAnsi(((delegate* unmanaged[Cdecl]<nint>)NativeLibrary.GetExport(library, function))()) ?? "";

    [LibraryImport("libc", EntryPoint = "unsetenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnsetEnvironment(string name);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
