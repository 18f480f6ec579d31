using Lpom.Cli.Terminal;
using Lpom.Data;

namespace Lpom.Cli.Samples;

/// <summary>Samples of numpy's arrays, images of an IDX file, or raw bytes.</summary>
internal sealed class BinarySamples(BinaryRowReader rows, string name, LiveInput? live = null) : SampleSource(name, live)
{
    public override long Number => rows.Rows;

    protected override bool HasSample => rows.HasRow;

    public override string Place(long number) => rows.Place(number - 1);

    public override bool Read(Span<float> sample) => rows.Read(sample);

    public override void Dispose() => rows.Dispose();

    protected override void ReadAhead() => rows.ReadAhead();
}
