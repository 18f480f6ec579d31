using Lpom.Cli.Terminal;
using Lpom.Data;

namespace Lpom.Cli.Samples;

/// <summary>Samples in CSV, a line each, after a header or none.</summary>
internal sealed class TextSamples(CsvRowReader rows, string name, int inputs, LiveInput? live = null) : SampleSource(name, live)
{
    public override long Number => rows.Line;

    protected override bool HasSample => rows.HasRow;

    public override string Place(long number) => $"line {number}";

    public override bool Read(Span<float> sample)
    {
        if (!rows.Read())
            return false;
        if (rows.Line == 1 && rows.IsHeader(rows.Fields))
            return Read(sample);
        if (rows.Fields != inputs)
            throw new DataFormatException(Name, $"line {rows.Line}: {rows.Fields} {(rows.Fields == 1 ? "value" : "values")}, the model takes {inputs}{(rows.Fields == inputs + 1 ? "; leave out the class column" : "")}.");
        for (int i = 0; i < inputs; i++)
            sample[i] = rows.Number(i);
        return true;
    }

    public override void Dispose() => rows.Dispose();

    protected override void ReadAhead() => rows.ReadAhead();
}
