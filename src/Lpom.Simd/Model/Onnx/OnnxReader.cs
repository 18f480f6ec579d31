namespace Lpom.Simd.Model.Onnx;

/// <summary>
/// Reads a network from an ONNX model: float32 graphs of dense layers one behind the other, as this library, PyTorch and scikit-learn's
/// converter write them. The file is not trusted: no length, name or shape is believed before it is checked, and nothing that it does not
/// hold is allocated.
/// </summary>
internal sealed class OnnxReader
{
    private const int MostOpsets = 256;

    /// <summary>Before the metadata of models that others wrote, so that none is taken for this library's.</summary>
    private const string ForeignPrefix = "onnx.";

    private const string OwnFormats = "lpom-";

    private readonly Dictionary<string, string> _metadata = [];
    private ArraySegment<byte>? _graph;
    private long _opset;
    private string _producer = "", _producerVersion = "";
    private int _opsets;

    private OnnxReader()
    {
    }

    /// <summary>Reads the model.</summary>
    /// <exception cref="ModelFormatException">It is truncated, corrupt, or no chain of dense layers.</exception>
    public static Network Read(Stream stream, string name)
    {
        try
        {
            var model = new OnnxReader();
            model.ReadModel(ReadAll(stream));
            return model.ToNetwork();
        }
        catch (InvalidDataException e)
        {
            throw new ModelFormatException($"{name}: {e.Message}.", e);
        }
    }

    /// <summary>What a part of the network refuses, as a fault of the file.</summary>
    public static InvalidDataException Refused(ArgumentException e) => new(e.Message.Split(" (Parameter")[0].TrimEnd('.'), e);

    private static ArraySegment<byte> ReadAll(Stream stream)
    {
        long length = stream.Length - stream.Position;
        if (length > Array.MaxLength) throw new InvalidDataException($"the file has {length} bytes, ONNX models end below 2 GiB");
        byte[] bytes = new byte[length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private void ReadModel(ArraySegment<byte> message)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case OnnxSchema.Model.ProducerName:
                    _producer = reader.Text();
                    break;
                case OnnxSchema.Model.ProducerVersion:
                    _producerVersion = reader.Text();
                    break;
                case OnnxSchema.Model.Graph:
                    if (_graph is not null) throw new InvalidDataException("the graph stands twice");
                    _graph = reader.Bytes();
                    break;
                case OnnxSchema.Model.OpsetImport:
                    if (++_opsets > MostOpsets) throw new InvalidDataException($"more than {MostOpsets} operator sets");
                    ReadOpset(reader.Bytes());
                    break;
                case OnnxSchema.Model.MetadataProps:
                    if (_metadata.Count == ModelMetadata.MostEntries) throw new InvalidDataException($"more than {ModelMetadata.MostEntries} entries of metadata");
                    ReadMetadata(reader.Bytes());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private void ReadOpset(ArraySegment<byte> message)
    {
        string domain = "";
        long version = 0;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == OnnxSchema.OperatorSet.Domain) domain = reader.Text();
            else if (reader.Field == OnnxSchema.OperatorSet.Version) version = reader.Integer();
            else reader.Skip();
        }
        if (domain is "" or OnnxSchema.StandardDomain) _opset = version;
    }

    private void ReadMetadata(ArraySegment<byte> message)
    {
        string key = "", value = "";
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == OnnxSchema.StringEntry.Key) key = reader.Text();
            else if (reader.Field == OnnxSchema.StringEntry.Value) value = reader.Text();
            else reader.Skip();
        }
        if (!_metadata.TryAdd(key, value)) throw new InvalidDataException($"metadata {Safetensors.Quote(key)} stands twice");
    }

    private Network ToNetwork()
    {
        if (_opset == 0) throw new InvalidDataException("no version of the standard operators is named: the file is truncated or no ONNX model");
        if (_opset < OnnxSchema.OldestOpset) throw new InvalidDataException($"the operators are of opset {_opset}, expected {OnnxSchema.OldestOpset} or later");
        if (_graph is not ArraySegment<byte> message) throw new InvalidDataException("there is no graph: the file is truncated or no ONNX model");
        var graph = new OnnxGraph(message);
        OnnxLayers layers = OnnxLayers.Read(graph, graph.Chain(), _opset);
        (Loss loss, IEnumerable<KeyValuePair<string, string>> metadata) = IsOwn
            ? (OwnLoss(), _metadata)
            : (layers.HasSoftmax ? Loss.CrossEntropy : Loss.LeastSquares, ForeignMetadata());
        try
        {
            return new Network(layers.Layers, loss, metadata, layers.Bounds);
        }
        catch (ArgumentException e)
        {
            throw Refused(e);
        }
    }

    private bool IsOwn => _metadata.GetValueOrDefault(ModelMetadata.FormatKey, "").StartsWith(OwnFormats, StringComparison.Ordinal);

    private Loss OwnLoss()
    {
        string format = _metadata[ModelMetadata.FormatKey];
        if (format != ModelMetadata.Format)
            throw new InvalidDataException($"metadata '{ModelMetadata.FormatKey}' is {Safetensors.Quote(format)}, this version reads '{ModelMetadata.Format}'");
        string loss = _metadata.GetValueOrDefault(ModelMetadata.LossKey, "");
        return LossNames.TryParse(loss, out Loss known)
            ? known
            : throw new InvalidDataException($"metadata '{ModelMetadata.LossKey}' is {Safetensors.Quote(loss)}, expected {string.Join(" or ", LossNames.All)}");
    }

    private Dictionary<string, string> ForeignMetadata()
    {
        var metadata = _metadata.ToDictionary(entry => ForeignPrefix + entry.Key, entry => entry.Value);
        string producer = $"{_producer} {_producerVersion}".Trim();
        if (producer.Length > 0) metadata[ForeignPrefix + "producer"] = producer;
        return metadata;
    }
}
