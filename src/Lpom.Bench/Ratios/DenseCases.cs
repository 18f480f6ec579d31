using Lpom.Simd.Kernels;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;

namespace Lpom.Bench.Ratios;

/// <summary>The shapes on which the dense kernels are compared: those of training and prediction, and squares.</summary>
internal sealed unsafe class DenseCases(KernelContext context, OpenBlas? peer)
{
    private static readonly (GemmForm Form, int M, int N, int K)[] Products =
    [
        (GemmForm.NN, 2048, 2048, 2048),
        (GemmForm.NN, 2048, 128, 2048),
        (GemmForm.NT, 2048, 128, 2048),
        (GemmForm.NN, 128, 2048, 2048),
        (GemmForm.NT, 128, 2048, 2048),
        (GemmForm.TN, 2048, 2048, 128),
        (GemmForm.NN, 256, 256, 256),
        (GemmForm.NT, 256, 256, 256),
        (GemmForm.TN, 256, 256, 256),
        (GemmForm.NN, 300, 100, 784),
        (GemmForm.TN, 784, 784, 100),
        (GemmForm.NN, 10, 100, 300),
        (GemmForm.NT, 10, 300, 100),
    ];

    private static readonly (int Outputs, int Inputs)[] SampleLayers = [(300, 784), (2048, 2048)];

    // Cases hold raw addresses; this keeps what they point to.
    private readonly List<AlignedBuffer> _buffers = [];

    /// <summary>The operations that have cases.</summary>
    public static IReadOnlyList<string> Operations { get; } = ["gemm", "gemv", "syrk", "potrf", "trsm"];

    /// <summary>The cases of an operation, usable while this lives; none for another name.</summary>
    public IEnumerable<RatioCase> Of(string operation) => operation switch
    {
        "gemm" => Products.Select(p => Product(p.Form, p.M, p.N, p.K)),
        "gemv" => SampleLayers.SelectMany(l => (RatioCase[])[OneSample(l.Outputs, l.Inputs, false), OneSample(l.Outputs, l.Inputs, true)]),
        "syrk" => [Gram(784, 100)],
        "potrf" => [Factorization(784), Factorization(2048)],
        "trsm" => [Solve(784), Solve(2048)],
        _ => [],
    };

    private RatioCase Product(GemmForm form, int m, int n, int k)
    {
        bool transA = form == GemmForm.TN, transB = form == GemmForm.NT;
        AlignedBuffer a = Random(m * k), b = Random(k * n), c = Random(m * n);
        (int rowsA, int colsA) = transA ? (k, m) : (m, k);
        (int rowsB, int colsB) = transB ? (n, k) : (k, n);
        return new RatioCase("gemm", form.ToString(), m, n, k, 2.0 * m * n * k, null, Ours, peer is null ? null : Peer);

        void Ours() => Gemm.Multiply(
            context, form, new MatrixView(a.Span, rowsA, colsA), new MatrixView(b.Span, rowsB, colsB), new MatrixView(c.Span, m, n));

        void Peer() => peer.Gemm(transA, transB, m, n, k, a.Pointer, colsA, b.Pointer, colsB, c.Pointer, n);
    }

    // y = W·x for one sample: W stored [outputs × inputs] (N), or [inputs × outputs] (T).
    private RatioCase OneSample(int outputs, int inputs, bool transposedWeights)
    {
        AlignedBuffer w = Random(outputs * inputs), x = Random(inputs), y = Random(outputs);
        (int rows, int cols) = transposedWeights ? (inputs, outputs) : (outputs, inputs);
        GemmForm form = transposedWeights ? GemmForm.NN : GemmForm.NT;
        return new RatioCase("gemv", transposedWeights ? "T" : "N", outputs, 1, inputs, 2.0 * outputs * inputs, null, Ours, peer is null ? null : Peer);

        void Ours() => Gemm.Multiply(
            context, form, new MatrixView(x.Span, 1, inputs), new MatrixView(w.Span, rows, cols), new MatrixView(y.Span, 1, outputs));

        void Peer() => peer.Gemv(transposedWeights, rows, cols, w.Pointer, cols, x.Pointer, y.Pointer);
    }

    // Our time includes the mirrored upper triangle, and both count the flops of the whole product.
    private RatioCase Gram(int n, int k)
    {
        AlignedBuffer x = Random(k * n), c = Random(n * n);
        return new RatioCase("syrk", "TN", n, n, k, 2.0 * n * n * k, null, Ours, peer is null ? null : Peer);

        void Ours() => Syrk.Gram(context, new MatrixView(x.Span, k, n), new MatrixView(c.Span, n, n), transposed: true);

        void Peer() => peer.SyrkTransposed(n, k, x.Pointer, n, c.Pointer, n);
    }

    private RatioCase Factorization(int n)
    {
        AlignedBuffer original = Positive(n), a = Random(n * n);
        return new RatioCase("potrf", "NN", n, n, n, (double)n * n * n / 3, Prepare, Ours, peer is null ? null : Peer);

        void Prepare() => original.Span.CopyTo(a.Span);

        void Ours()
        {
            if (!Cholesky.Factor(context, new MatrixView(a.Span, n, n)).Success) throw new InvalidOperationException("Not positive definite.");
        }

        void Peer() => peer.Factor(n, a.Pointer, n);
    }

    private RatioCase Solve(int n)
    {
        AlignedBuffer l = Positive(n), original = Random(n * n), b = Random(n * n);
        if (!Cholesky.Factor(context, new MatrixView(l.Span, n, n)).Success) throw new InvalidOperationException("Not positive definite.");
        return new RatioCase("trsm", "NN", n, n, n, (double)n * n * n, Prepare, Ours, peer is null ? null : Peer);

        void Prepare() => original.Span.CopyTo(b.Span);

        void Ours() => TriangularSolve.Lower(context, new MatrixView(l.Span, n, n), new MatrixView(b.Span, n, n));

        void Peer() => peer.SolveLower(n, n, l.Pointer, n, b.Pointer, n);
    }

    private AlignedBuffer Random(int length)
    {
        AlignedBuffer buffer = new(length);
        _buffers.Add(buffer);
        Noise.Fill(buffer.Span);
        return buffer;
    }

    // Diagonally dominant, so that factors and solutions stay in range.
    private AlignedBuffer Positive(int n)
    {
        AlignedBuffer buffer = Random(n * n);
        MatrixView a = new(buffer.Span, n, n);
        for (int i = 0; i < n; i++) a[i, i] = n;
        return buffer;
    }
}
