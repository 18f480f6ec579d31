using Lpom.Cli.Terminal;
using Lpom.Data;

namespace Lpom.Cli.Samples;

/// <summary>Samples in CSV, a line each, after a header or none.</summary>
/// <param name="rows">The lines.</param>
/// <param name="name">What errors call them.</param>
/// <param name="inputs">Values of a sample.</param>
/// <param name="columns">What the columns are; null for the values in their order.</param>
/// <param name="live">The pipe or terminal that they come from; null for a file.</param>
internal sealed class TextSamples(CsvRowReader rows, string name, int inputs, TableSchema? columns, LiveInput? live = null) : SampleSource(name, live)
{
    private TableRowEncoder? _encoder;

    // While the columns are not found no line may be skipped: the next would be taken for the header.
    public override long Number => columns is null || _encoder is not null ? rows.Line : 0;

    protected override bool HasSample => rows.HasRow;

    public override string Place(long number) => $"line {number}";

    public override bool Read(Span<float> sample)
    {
        if (!rows.Read())
            return false;
        if (columns is not null)
            return ReadColumns(columns, sample);
        if (rows.Line == 1 && rows.IsHeader(rows.Fields))
            return ReadAfterHeader(sample, isNumbered: rows.IsNumber(0));
        if (rows.Fields != inputs)
            throw new DataFormatException(Name, $"line {rows.Line}: {rows.Fields} {(rows.Fields == 1 ? "value" : "values")}, the model takes {inputs}{(rows.Fields == inputs + 1 ? "; leave out the class column" : "")}.");
        for (int i = 0; i < inputs; i++)
            sample[i] = rows.Number(i);
        return true;
    }

    private bool ReadAfterHeader(Span<float> sample, bool isNumbered)
    {
        if (Read(sample))
        {
            if (isNumbered)
                Messages.Note($"note: {Name}: line 1 numbers its columns, so it is taken for a header");
            return true;
        }

        return isNumbered ? throw new DataFormatException(Name, "line 1 numbers its columns, so it is taken for a header, and there is no sample after it; write a sample's numbers as 1.0,2.0,…") : false;
    }

    private bool ReadColumns(TableSchema schema, Span<float> sample)
    {
        if (_encoder is null)
        {
            _encoder = TableRowEncoder.Create(rows, schema);
            if (_encoder.HasHeader)
                return Read(sample);
        }

        _encoder.Encode(sample);
        return true;
    }

    public override void Dispose() => rows.Dispose();

    protected override void ReadAhead() => rows.ReadAhead();
}
