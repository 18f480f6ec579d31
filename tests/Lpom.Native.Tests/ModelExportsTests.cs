using System.Runtime.InteropServices;
using System.Text;
using Lpom.Data;
using Lpom.Simd.Model;
using Lpom.Simd.Proximal;

namespace Lpom.Native.Tests;

/// <summary>What C cannot see; the rest is abi.c's.</summary>
[Collection(Collection)]
public sealed unsafe class ModelExportsTests
{
    /// <summary>Of the tests that say where messages go, which is one place for all.</summary>
    internal const string Collection = "messages";

    private const int Calls = 20, Rows = 100, BufferLength = 64;

    private static readonly byte* Message = (byte*)NativeMemory.AllocZeroed(BufferLength);

    [Theory]
    [InlineData(64, 32, 10)]
    [InlineData(784, 300, 10)]
    [InlineData(1000, 3000, 10)]
    public void Predictions_allocate_nothing(int inputs, int hidden, int outputs)
    {
        nint model = HandleTable.Add(new LoadedModel(NetworkInit.Glorot([inputs, hidden, outputs], Activation.Of(default(Relu)), Activation.Of(default(Identity)), Loss.CrossEntropy, seed: 1)));
        float[] x = new float[Rows * inputs], scores = new float[Rows * outputs];
        int status = Predict(model, x, inputs, scores, outputs, times: 2);
        long allocated = ThreadAllocations.Least(() => status |= Predict(model, x, inputs, scores, outputs, Calls));
        Assert.Equal((int)Status.Ok, status);
        Assert.Equal(0, allocated);

        Assert.True(HandleTable.TryRemove(model, LoadedModel.Name, out LoadedModel? _));
    }

    // As 'lpom predict' does: (x + offset) / scale.
    [Fact]
    public void An_autoencoder_gives_raw_values()
    {
        var identity = new Layer(new Simd.Kernels.Memory.ReadOnlyMatrixView([1f, 0, 0, 1], 2, 2), [], Activation.Of(default(Identity)));
        var network = new Network([identity], Loss.LeastSquares, [new("task", "autoencode"), .. new Preprocessing([0.1f, 4f], [3f, 5f]).Metadata]);
        float[] scores = new float[2];
        new LoadedModel(network).Predict([70f, -2f], scores);
        Assert.Equal(70f, scores[0], 1e-3f);
        Assert.Equal(-2f, scores[1], 1e-3f);
    }

    [Fact]
    public void A_message_too_long_for_the_buffer_ends_with_a_whole_character()
    {
        delegate* unmanaged<int, delegate* unmanaged<byte*>, int, int> start = &ImageExports.Start;
        delegate* unmanaged<byte*, nint*, int> load = &ModelExports.Load;
        Assert.Equal((int)Status.Ok, start(1, &Buffer, BufferLength));
        nint model = 1;
        fixed (byte* path = Encoding.UTF8.GetBytes(new string('ä', BufferLength) + '\0'))
            Assert.Equal((int)Status.BadFile, load(path, &model));
        Assert.Equal(0, model);
        string message = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(Message));
        Assert.StartsWith("ää", message, StringComparison.Ordinal);
        Assert.EndsWith("ä…", message, StringComparison.Ordinal);
    }

    private static int Predict(nint model, float[] x, int inputs, float[] scores, int outputs, int times)
    {
        delegate* unmanaged<nint, float*, int, float*, int, int> predict = &ModelExports.Predict, predictBatch = &ModelExports.PredictBatch;
        int status = 0;
        fixed (float* sample = x)
        fixed (float* score = scores)
        {
            for (int i = 0; i < times; i++)
            {
                status |= predict(model, sample, inputs, score, outputs);
                status |= predictBatch(model, sample, Rows, score, Rows * outputs);
            }
        }

        return status;
    }

    /// <summary>Has messages written to a buffer.</summary>
    internal static void TakeMessages() => LastError.WriteTo(&Buffer, BufferLength);

    [UnmanagedCallersOnly]
    private static byte* Buffer() => Message;
}
