namespace Lpom.Data.Tests;

public class BatchesTests
{
    [Fact]
    public void An_epoch_visits_every_row_once_with_its_own_label_and_inputs()
    {
        DataView view = NamedData.Load("digits").Train;
        var batches = new Batches(view, 100, seed: 3);
        int[] order = Order(view, seed: 3, epoch: 2);
        float[] row = new float[view.Features];
        int position = 0;
        foreach (Batch batch in batches.Epoch(2))
        {
            Assert.Equal(batch.Labels.Length, batch.Inputs.Rows);
            for (int i = 0; i < batch.Labels.Length; i++, position++)
            {
                view.CopyInputs(order[position], 1, row, view.Features);
                Assert.Equal(row, batch.Inputs.Row(i).ToArray());
                Assert.Equal(view.Label(order[position]), batch.Labels[i]);
            }
        }
        Assert.Equal(view.Rows, position);
        Assert.Equal(view.Rows % 100, order.Length - ((batches.Count - 1) * 100));
    }

    [Fact]
    public void An_epoch_allocates_nothing()
    {
        var batches = new Batches(NamedData.Load("digits").Train, 64, seed: 1);
        void Walk(int epoch)
        {
            foreach (Batch batch in batches.Epoch(epoch)) Assert.True(batch.Inputs.Rows > 0);
        }
        Walk(1);
        Assert.Equal(0, ThreadAllocations.Least(() => Walk(2)));
    }

    private static int[] Order(DataView view, ulong seed, int epoch)
    {
        var order = new BatchOrder(view.Rows, view.Rows, seed);
        order.StartEpoch(epoch);
        return order[0].ToArray();
    }
}
