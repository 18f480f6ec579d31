namespace Lpom.Data.Tests;

public sealed class Crc32Tests
{
    [Theory]
    [InlineData("", 0u)]
    [InlineData("a", 0xE8B7BE43u)]
    [InlineData("123456789", 0xCBF43926u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x414FA339u)]
    public void Known_checksums_in_any_pieces(string text, uint expected)
    {
        byte[] bytes = System.Text.Encoding.ASCII.GetBytes(text);
        for (int first = 0; first <= bytes.Length; first++)
        {
            var checksum = new Crc32();
            checksum.Add(bytes.AsSpan(0, first));
            checksum.Add(bytes.AsSpan(first));
            Assert.Equal(expected, checksum.Value);
        }
    }
}
