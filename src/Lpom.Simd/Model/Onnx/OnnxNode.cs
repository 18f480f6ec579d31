namespace Lpom.Simd.Model.Onnx;

/// <summary>
/// One operator of the graph, with the values that it takes and gives by name. What it holds is read when it matters: nodes that lead
/// elsewhere than to the scores take little memory.
/// </summary>
internal sealed class OnnxNode
{
    // A bound on what a hostile file can make of the graph's memory.
    private const int MostNames = 256;

    private readonly ArraySegment<byte> _message;
    private readonly int _index;
    private string[]? _inputs;
    private string[]? _outputs;

    /// <summary>Reads a NodeProto.</summary>
    /// <param name="message">Its bytes.</param>
    /// <param name="index">Its place in the graph, from 0.</param>
    public OnnxNode(ArraySegment<byte> message, int index)
    {
        (_message, _index) = (message, index);
        string type = "", domain = "";
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == OnnxSchema.Node.OpType) type = reader.Text(OnnxOperators.All);
            else if (reader.Field == OnnxSchema.Node.Domain) domain = reader.Text();
            else reader.Skip();
        }
        Operator = domain is "" or OnnxSchema.StandardDomain ? type : $"{domain}.{type}";
        if (Count(OnnxSchema.Node.Output) == 0) throw Bad("gives nothing");
    }

    /// <summary>The operator's name, behind its domain when that is not the standard one.</summary>
    public string Operator { get; }

    /// <summary>What it takes; an optional input that is left out is empty.</summary>
    public ReadOnlySpan<string> Inputs => _inputs ??= Texts(OnnxSchema.Node.Input);

    /// <summary>What it gives: one value at least.</summary>
    public ReadOnlySpan<string> Outputs => _outputs ??= Texts(OnnxSchema.Node.Output);

    /// <summary>Its attributes, AttributeProtos.</summary>
    public ArraySegment<byte>[] Attributes()
    {
        var attributes = new ArraySegment<byte>[Count(OnnxSchema.Node.Attribute)];
        int count = 0;
        var reader = new ProtobufReader(_message);
        while (reader.Next())
        {
            if (reader.Field == OnnxSchema.Node.Attribute) attributes[count++] = reader.Bytes();
            else reader.Skip();
        }
        return attributes;
    }

    /// <summary>How messages call it.</summary>
    public override string ToString() =>
        Texts(OnnxSchema.Node.Name) is [.., { Length: > 0 } name] ? $"node {Safetensors.Quote(name)} ({OperatorText})" : $"node {_index} ({OperatorText})";

    private string OperatorText => Safetensors.Quote(Operator).Trim('\'');

    /// <summary>An error at this node.</summary>
    public InvalidDataException Bad(string what) => new($"{this}: {what}");

    private string[] Texts(int field)
    {
        string[] texts = new string[Count(field)];
        int count = 0;
        var reader = new ProtobufReader(_message);
        while (reader.Next())
        {
            if (reader.Field == field) texts[count++] = reader.Text();
            else reader.Skip();
        }
        return texts;
    }

    private int Count(int field)
    {
        int count = 0;
        var reader = new ProtobufReader(_message);
        while (reader.Next())
        {
            if (reader.Field == field && ++count > MostNames) throw new InvalidDataException($"node {_index}: more than {MostNames} inputs, outputs or attributes");
            reader.Skip();
        }
        return count;
    }
}
