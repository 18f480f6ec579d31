using System.Runtime.InteropServices;

namespace Lpom.Simd.Model.Onnx;

/// <summary>One operator of the graph, with the values that it takes and gives by name. Its attributes are read when they matter.</summary>
internal sealed class OnnxNode
{
    // A bound on what a hostile file can make of the graph's memory.
    private const int MostNames = 256;

    // Most nodes take up to three values, give one, and have an attribute or none.
    private readonly List<string> _inputs = new(3);
    private readonly List<string> _outputs = new(1);
    private readonly List<ArraySegment<byte>> _attributes = [];
    private readonly int _index;
    private readonly string _name = "";

    /// <summary>Reads a NodeProto.</summary>
    /// <param name="message">Its bytes.</param>
    /// <param name="index">Its place in the graph, from 0.</param>
    public OnnxNode(ArraySegment<byte> message, int index)
    {
        _index = index;
        string type = "", domain = "";
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case OnnxSchema.Node.Input:
                    Add(_inputs, reader.Text());
                    break;
                case OnnxSchema.Node.Output:
                    Add(_outputs, reader.Text());
                    break;
                case OnnxSchema.Node.Name:
                    _name = reader.Text();
                    break;
                case OnnxSchema.Node.OpType:
                    type = reader.Text(OnnxOperators.All);
                    break;
                case OnnxSchema.Node.Domain:
                    domain = reader.Text();
                    break;
                case OnnxSchema.Node.Attribute:
                    Add(_attributes, reader.Bytes());
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        Operator = domain is "" or OnnxSchema.StandardDomain ? type : $"{domain}.{type}";
    }

    /// <summary>The operator's name, behind its domain when that is not the standard one.</summary>
    public string Operator { get; }

    /// <summary>What it takes; an optional input that is left out is empty.</summary>
    public ReadOnlySpan<string> Inputs => CollectionsMarshal.AsSpan(_inputs);

    /// <summary>What it gives.</summary>
    public ReadOnlySpan<string> Outputs => CollectionsMarshal.AsSpan(_outputs);

    /// <summary>Its attributes, AttributeProtos.</summary>
    public ReadOnlySpan<ArraySegment<byte>> Attributes => CollectionsMarshal.AsSpan(_attributes);

    /// <summary>How messages call it.</summary>
    public override string ToString() =>
        _name.Length > 0 ? $"node {Safetensors.Quote(_name)} ({OperatorText})" : $"node {_index} ({OperatorText})";

    private string OperatorText => Safetensors.Quote(Operator).Trim('\'');

    /// <summary>An error at this node.</summary>
    public InvalidDataException Bad(string what) => new($"{this}: {what}");

    private void Add<T>(List<T> list, T item)
    {
        if (list.Count == MostNames) throw Bad($"more than {MostNames} inputs, outputs or attributes");
        if (list.Capacity == 0) list.Capacity = 1;
        list.Add(item);
    }
}
