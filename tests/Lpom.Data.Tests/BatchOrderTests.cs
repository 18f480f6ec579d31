using FsCheck.Fluent;
using Lpom.Data.Tests.Support;

namespace Lpom.Data.Tests;

public class BatchOrderTests
{
    [Fact]
    public void Every_epoch_visits_every_row_once() =>
        Property.Holds(
            from rows in Gen.Choose(1, 300)
            from batch in Gen.Choose(1, 400)
            from seed in Gen.Choose(0, int.MaxValue)
            from epoch in Gen.Choose(0, 1000)
            select (rows, batch, seed, epoch),
            c =>
            {
                var order = new BatchOrder(c.rows, c.batch, (ulong)c.seed);
                order.StartEpoch(c.epoch);
                int size = Math.Min(c.rows, c.batch);
                bool sizes = Enumerable.Range(0, order.Count).All(b => order[b].Length == Math.Min(size, c.rows - b * size));
                return sizes && order.BatchSize == size && AllRows(order).Order().SequenceEqual(Enumerable.Range(0, c.rows));
            });

    [Fact]
    public void An_epoch_depends_on_seed_and_number_only()
    {
        var straight = new BatchOrder(100, 7, 42);
        for (int epoch = 0; epoch <= 5; epoch++)
            straight.StartEpoch(epoch);
        var jumped = new BatchOrder(100, 7, 42);
        jumped.StartEpoch(5);
        Assert.Equal(AllRows(straight), AllRows(jumped));

        jumped.StartEpoch(6);
        Assert.NotEqual(AllRows(straight), AllRows(jumped));
        var otherSeed = new BatchOrder(100, 7, 43);
        otherSeed.StartEpoch(5);
        Assert.NotEqual(AllRows(straight), AllRows(otherSeed));
    }

    [Fact]
    public void Rows_are_in_file_order_before_the_first_epoch() =>
        Assert.Equal(Enumerable.Range(0, 10), AllRows(new BatchOrder(10, 3, 1)));

    [Fact]
    public void Each_row_is_equally_often_at_each_place()
    {
        const int Rows = 8, Epochs = 8000;
        var order = new BatchOrder(Rows, Rows, 9);
        var counts = new int[Rows, Rows];
        for (int epoch = 0; epoch < Epochs; epoch++)
        {
            order.StartEpoch(epoch);
            for (int place = 0; place < Rows; place++)
                counts[place, order[0][place]]++;
        }

        // Mean 1000, standard deviation 30.
        foreach (int count in counts)
            Assert.InRange(count, 850, 1150);
    }

    [Fact]
    public void Allocates_nothing_per_epoch_and_batch()
    {
        var order = new BatchOrder(1000, 30, 1);
        order.StartEpoch(0);
        int sum = 0;
        long allocated = ThreadAllocations.Least(() =>
        {
            for (int epoch = 1; epoch < 10; epoch++)
            {
                order.StartEpoch(epoch);
                for (int batch = 0; batch < order.Count; batch++)
                    sum += order[batch][0];
            }
        });

        Assert.Equal(0, allocated);
        Assert.NotEqual(0, sum);
    }

    [Fact]
    public void Refuses_what_is_out_of_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchOrder(0, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchOrder(1, 0, 1));
        var order = new BatchOrder(10, 4, 1);
        Assert.Equal(3, order.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => order[3].Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => order[-1].Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => order.StartEpoch(-1));
    }

    [Fact]
    public void A_batch_as_large_as_an_int_is_the_whole_set()
    {
        var order = new BatchOrder(10, int.MaxValue, 1);
        Assert.Equal(1, order.Count);
        Assert.Equal(10, order[0].Length);
    }

    private static List<int> AllRows(BatchOrder order)
    {
        var rows = new List<int>();
        for (int batch = 0; batch < order.Count; batch++)
            rows.AddRange(order[batch]);
        return rows;
    }
}
