// Reads a model that was trained on a table, and says the class of each row of another: columns are found by their names.
using Lpom.Data;
using Lpom.Examples;
using Lpom.Simd.Model;

if (args is not [string model, string table]) return BadInput.Report("expected: Table MODEL TABLE.csv");
try
{
    PrintClasses(model, table);
    return 0;
}
catch (Exception e) when (BadInput.Is(e))
{
    return BadInput.Report(e.Message);
}

static void PrintClasses(string model, string table)
{
    // <example predict>
    Classifier classifier = Classifier.Load(model);                       // the network, its scaling and its classes
    Network network = classifier.Network;
    TableSchema columns = TableSchema.Of(network)
        ?? throw new DataFormatException(model, "a model that was not trained on a table.");
    using var workspace = Workspace.For(network, maxBatch: 1);            // one for each thread
    float[] inputs = new float[columns.Features];

    using var rows = CsvRowReader.Open(table);
    if (!rows.Read()) return;
    var encoder = TableRowEncoder.Create(rows, columns);                  // finds the columns by the header
    if (encoder.HasHeader && !rows.Read()) return;
    do
    {
        encoder.Encode(inputs);                                           // texts and gaps become numbers
        classifier.Preprocessing.Apply(inputs, inputs);                   // as in training
        Console.WriteLine(classifier.ClassNames[network.PredictLabel(inputs, workspace)]);
    }
    while (rows.Read());
    // </example>
}
