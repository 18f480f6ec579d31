namespace Lpom.Simd.Model.Onnx;

/// <summary>The attributes of a node that is a part of the network: each is taken by name, and none may be left.</summary>
internal sealed class OnnxAttributes
{
    private readonly OnnxNode _node;
    private readonly List<(string Name, ArraySegment<byte> Message)> _left;

    public OnnxAttributes(OnnxNode node)
    {
        _node = node;
        ArraySegment<byte>[] attributes = node.Attributes();
        _left = new(attributes.Length);
        foreach (ArraySegment<byte> attribute in attributes)
        {
            string name = "";
            var reader = new ProtobufReader(attribute);
            while (reader.Next())
            {
                if (reader.Field == OnnxSchema.Attribute.Name) name = reader.Text();
                else reader.Skip();
            }
            if (IndexOf(name) >= 0) throw node.Bad($"attribute {Safetensors.Quote(name)} stands twice");
            _left.Add((name, attribute));
        }
    }

    /// <summary>A finite number.</summary>
    public float Float(string name, float otherwise)
    {
        if (!TryTake(name, out ArraySegment<byte> attribute)) return otherwise;
        float value = 0;
        long type = 0;
        var reader = new ProtobufReader(attribute);
        while (reader.Next())
        {
            if (reader.Field == OnnxSchema.Attribute.Float) value = reader.Single();
            else if (reader.Field == OnnxSchema.Attribute.Type) type = reader.Integer();
            else reader.Skip();
        }
        return type == OnnxSchema.Attribute.FloatType && float.IsFinite(value) ? value : throw _node.Bad($"attribute '{name}' is no finite number");
    }

    /// <summary>A whole number.</summary>
    public long Integer(string name, long otherwise)
    {
        if (!TryTake(name, out ArraySegment<byte> attribute)) return otherwise;
        long value = 0, type = 0;
        var reader = new ProtobufReader(attribute);
        while (reader.Next())
        {
            if (reader.Field == OnnxSchema.Attribute.Integer) value = reader.Integer();
            else if (reader.Field == OnnxSchema.Attribute.Type) type = reader.Integer();
            else reader.Skip();
        }
        return type == OnnxSchema.Attribute.IntegerType ? value : throw _node.Bad($"attribute '{name}' is no whole number");
    }

    /// <summary>A few whole numbers; null when the attribute is not there.</summary>
    public IReadOnlyList<long>? Integers(string name)
    {
        const int most = 8;
        if (!TryTake(name, out ArraySegment<byte> attribute)) return null;
        var values = new List<long>();
        var reader = new ProtobufReader(attribute);
        while (reader.Next())
        {
            if (reader.Field == OnnxSchema.Attribute.Integers) reader.Integers(values, most);
            else reader.Skip();
        }
        return values;
    }

    /// <summary>Refuses attributes that nobody took.</summary>
    public void RefuseOthers()
    {
        if (_left.Count > 0) throw _node.Bad($"attribute {Safetensors.Quote(_left[0].Name)} is not supported");
    }

    private bool TryTake(string name, out ArraySegment<byte> attribute)
    {
        int at = IndexOf(name);
        attribute = at < 0 ? default : _left[at].Message;
        if (at >= 0) _left.RemoveAt(at);
        return at >= 0;
    }

    private int IndexOf(string name)
    {
        for (int i = 0; i < _left.Count; i++)
        {
            if (_left[i].Name == name) return i;
        }
        return -1;
    }
}
