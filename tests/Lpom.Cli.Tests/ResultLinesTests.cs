using Lpom.Cli.Terminal;

namespace Lpom.Cli.Tests;

public sealed class ResultLinesTests
{
    [Fact]
    public void A_lost_line_stops_nothing_and_is_told_in_the_end()
    {
        using var lines = new ResultLines(isJson: false, new Output(new Full(room: 1), immediate: true));
        lines.Text("written");
        lines.ThrowIfFailed();
        lines.Text("lost");
        lines.Text("lost too");
        Assert.Equal("no space", Assert.Throws<WorkFailedException>(lines.ThrowIfFailed).Message);
    }

    [Theory]
    [InlineData("model.safetensors", "model.safetensors")]
    [InlineData("-x", "./-x")]
    [InlineData("a b", "'a b'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("$(x)", "'$(x)'")]
    [InlineData("", "''")]
    public void A_file_name_is_one_word_of_the_shell(string name, string word) => Assert.Equal(word, ShellWord.Of(name));

    private sealed class Full(int room) : MemoryStream
    {
        private int _writes;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (_writes++ >= room)
                throw new IOException("no space");
        }
    }
}
