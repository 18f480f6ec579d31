using Lpom.Simd.Model;
using Lpom.Simd.Proximal;

namespace Lpom.Native.Tests;

[Collection(ModelExportsTests.Collection)]
public sealed unsafe class ModelTrainerTests
{
    private const int Inputs = 4;

    [Fact]
    public void A_large_first_call_is_the_same_as_its_parts()
    {
        Assert.Equal(Weights([900]), Weights([256, 644]));
        Assert.Equal(Weights([900]), Weights([100, 156, 644]));
    }

    [Fact]
    public void A_divergence_leads_back_at_most_5000_rows()
    {
        ModelExportsTests.TakeMessages();
        using var trainer = new ModelTrainer(Start());
        // 4,956 rows without a copy: the next call is cut where one is due, and diverges after it.
        Assert.Equal(Status.Ok, Train(trainer, 256, divergesAt: -1));
        Assert.Equal(Status.Ok, Train(trainer, 4700, divergesAt: -1));
        byte[] before = Bytes(Start());
        Assert.Equal(Status.Failed, Train(trainer, 4700, divergesAt: 4600));
        Assert.NotEqual(before, Bytes(trainer.Snapshot()));
    }

    private static byte[] Weights(int[] calls)
    {
        using var trainer = new ModelTrainer(Start());
        int done = 0;
        foreach (int rows in calls)
        {
            Assert.Equal(Status.Ok, Train(trainer, rows, divergesAt: -1, done));
            done += rows;
        }

        return Bytes(trainer.Snapshot());
    }

    private static Status Train(ModelTrainer trainer, int rows, int divergesAt, int first = 0)
    {
        float[] x = new float[rows * Inputs];
        int[] labels = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            labels[row] = (first + row) % 3;
            for (int j = 0; j < Inputs; j++)
                x[(row * Inputs) + j] = row == divergesAt ? 1e35f : MathF.Sin(((first + row) * 7) + j) + labels[row];
        }

        fixed (float* value = x)
        fixed (int* label = labels)
            return trainer.Step(value, label, rows);
    }

    private static byte[] Bytes(Network network)
    {
        using var stream = new MemoryStream();
        network.Save(stream);
        return stream.ToArray();
    }

    private static Network Start() =>
        NetworkInit.Glorot([Inputs, 8, 3], Activation.Of(default(Relu)), Activation.Of(default(Identity)), Loss.CrossEntropy, seed: 1);
}
