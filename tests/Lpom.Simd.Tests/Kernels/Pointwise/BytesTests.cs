using Lpom.Simd.Kernels.Pointwise;
using Lpom.Simd.Kernels.Width;

namespace Lpom.Simd.Tests.Kernels.Pointwise;

public class BytesTests
{
    [Theory]
    [InlineData(SimdWidth.Bits512)]
    [InlineData(SimdWidth.Bits256)]
    [InlineData(SimdWidth.Bits128)]
    [InlineData(SimdWidth.Scalar)]
    public void Every_byte_becomes_its_number_and_nothing_beyond_is_written(SimdWidth width)
    {
        for (int length = 0; length <= 35; length++)
        {
            for (int first = 0; first < 256; first += 31)
            {
                byte[] x = [.. Enumerable.Range(0, length).Select(i => (byte)(first + (i * 7)))];
                float[] result = new float[length + 1];
                result[length] = -1;
                Bytes.Widen(width, x, result.AsSpan(0, length));
                Assert.Equal([.. x.Select(b => (float)b), -1], result);
            }
        }
        Assert.Throws<ArgumentException>("result", () => Bytes.Widen(width, new byte[3], new float[4]));
    }
}
