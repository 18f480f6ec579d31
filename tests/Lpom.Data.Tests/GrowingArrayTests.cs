using FsCheck.Fluent;
using Lpom.Data.Tests.Support;

namespace Lpom.Data.Tests;

public class GrowingArrayTests
{
    [Fact]
    public void It_holds_what_was_added_in_order() =>
        Property.Holds(
            Gen.Choose(0, 3000).ListOf(),
            counts =>
            {
                var array = new GrowingArray<int>();
                var expected = new List<int>();
                foreach (int count in counts)
                {
                    foreach (ref int value in array.Extend(count))
                    {
                        value = expected.Count;
                        expected.Add(value);
                    }

                    array.Add(-1);
                    expected.Add(-1);
                }

                return array.Count == expected.Count && array.ToArray().SequenceEqual(expected);
            });
}
