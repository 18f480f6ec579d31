using System.Diagnostics.CodeAnalysis;

namespace Lpom.Simd.Model.Onnx;

/// <summary>A constant of the graph: where its bytes are. It is read when the network needs it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Message">A TensorProto, or the AttributeProto of a Constant node.</param>
/// <param name="IsAttribute">Which of the two.</param>
/// <param name="IsTransposed">A matrix that is used with rows and columns swapped.</param>
internal sealed record OnnxConstant(string Name, ArraySegment<byte> Message, bool IsAttribute = false, bool IsTransposed = false)
{
    /// <summary>Reads it, not swapped.</summary>
    public OnnxTensor Tensor() => IsAttribute ? OnnxTensor.ReadValue(Message, Name) : OnnxTensor.Read(Message, Name);
}

/// <summary>A graph of operators: constants by name, and the chain of nodes from the input to the scores.</summary>
internal sealed class OnnxGraph
{
    // What a hostile file of nodes of a few bytes can make of memory. A network of a thousand layers has two thousand nodes and as many
    // initialisers, which old exporters list among the inputs; a classifier gives labels and scores.
    private const int MostItems = 2500, MostOutputs = 64;

    private readonly List<OnnxNode> _nodes = [];
    private readonly List<OnnxValue> _inputs = [];
    private readonly List<OnnxValue> _outputs = [];
    private readonly Dictionary<string, OnnxConstant> _constants = [];
    private readonly Dictionary<string, OnnxNode> _producers = [];

    /// <summary>Reads a GraphProto.</summary>
    public OnnxGraph(ArraySegment<byte> message)
    {
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case OnnxSchema.Graph.Node:
                    Limit(_nodes.Count, "nodes");
                    _nodes.Add(new OnnxNode(reader.Bytes(), _nodes.Count));
                    break;
                case OnnxSchema.Graph.Initializer:
                    Limit(_constants.Count, "initialisers");
                    AddInitializer(reader.Bytes());
                    break;
                case OnnxSchema.Graph.Input:
                    Limit(_inputs.Count, "inputs");
                    _inputs.Add(OnnxValue.Read(reader.Bytes()));
                    break;
                case OnnxSchema.Graph.Output:
                    Limit(_outputs.Count, "outputs", MostOutputs);
                    _outputs.Add(OnnxValue.Read(reader.Bytes()));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        // Old exporters list the initialisers among the inputs, as defaults.
        _inputs.RemoveAll(input => _constants.ContainsKey(input.Name));
        foreach (OnnxNode node in _nodes) AddNode(node);
        Input = OnlyInput();
    }

    /// <summary>The one input.</summary>
    public OnnxValue Input { get; }

    /// <summary>The constant of a name.</summary>
    public bool TryGetConstant(string name, [NotNullWhen(true)] out OnnxConstant? constant) => _constants.TryGetValue(name, out constant);

    /// <summary>The constant that a node takes at a place; null when it takes none there.</summary>
    /// <exception cref="InvalidDataException">It takes a value that is no constant.</exception>
    public OnnxConstant? Constant(OnnxNode node, int input)
    {
        if (input >= node.Inputs.Length || node.Inputs[input].Length == 0) return null;
        string name = node.Inputs[input];
        if (_constants.TryGetValue(name, out OnnxConstant? constant)) return constant;
        string whence = name == Input.Name ? "is the graph's input" : _producers.TryGetValue(name, out OnnxNode? producer) ? $"is computed by {producer}" : "is not there";
        throw node.Bad($"its input {Safetensors.Quote(name)} {whence}, expected a constant");
    }

    /// <summary>The nodes from the input to the scores, the only float output; nodes that lead elsewhere, such as to labels, are left out.</summary>
    public List<OnnxNode> Chain()
    {
        var chain = new List<OnnxNode>();
        string value = ScoresOutput().Name;
        while (value != Input.Name)
        {
            if (!_producers.TryGetValue(value, out OnnxNode? node)) throw new InvalidDataException($"the value {Safetensors.Quote(value)} is neither the graph's input nor computed in it");
            if (chain.Count == _nodes.Count) throw new InvalidDataException($"the nodes are a circle through {node}");
            chain.Add(node);
            if (node.Outputs[0] != value) throw node.Bad($"its output {Safetensors.Quote(value)} is not supported");
            value = Data(node);
        }
        chain.Reverse();
        return chain;
    }

    /// <summary>The first value that a node takes which is no constant.</summary>
    private string Data(OnnxNode node)
    {
        foreach (string input in node.Inputs)
        {
            if (input.Length > 0 && !_constants.ContainsKey(input)) return input;
        }
        throw node.Bad("takes nothing that comes from the graph's input");
    }

    private static void Limit(int count, string what, int most = MostItems)
    {
        if (count == most) throw new InvalidDataException($"the graph has more than {most} {what}");
    }

    private void AddInitializer(ArraySegment<byte> message)
    {
        string name = "";
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == OnnxSchema.Tensor.Name) name = reader.Text();
            else reader.Skip();
        }
        AddConstant(name, new OnnxConstant(name, message));
    }

    private void AddConstant(string name, OnnxConstant constant)
    {
        if (!_constants.TryAdd(name, constant)) throw new InvalidDataException($"the constant {Safetensors.Quote(name)} stands twice");
    }

    /// <summary>Nodes that only name or swap constants are constants; the nodes stand in the order in which they compute.</summary>
    private void AddNode(OnnxNode node)
    {
        if (node.Operator == OnnxOperators.Constant)
        {
            ArraySegment<byte>[] attributes = node.Attributes();
            if (attributes is not [ArraySegment<byte> value]) throw node.Bad($"has {attributes.Length} attributes, expected its value");
            AddConstant(node.Outputs[0], new OnnxConstant(node.Outputs[0], value, IsAttribute: true));
            return;
        }
        if (node.Inputs is [string input] && _constants.TryGetValue(input, out OnnxConstant? constant))
        {
            bool swaps = node.Operator == OnnxOperators.Transpose && IsSwap(node);
            if (swaps || node.Operator == OnnxOperators.Identity)
            {
                AddConstant(node.Outputs[0], constant with { IsTransposed = constant.IsTransposed ^ swaps });
                return;
            }
        }
        foreach (string output in node.Outputs)
        {
            if (output.Length > 0 && !_producers.TryAdd(output, node)) throw node.Bad($"the value {Safetensors.Quote(output)} is computed twice");
        }
    }

    /// <summary>A transposition of a matrix; without an attribute it turns the dimensions round.</summary>
    private static bool IsSwap(OnnxNode node) => new OnnxAttributes(node).Integers(OnnxOperators.Permutation) is null or [1, 0];

    private OnnxValue OnlyInput()
    {
        if (_inputs.Count != 1) throw new InvalidDataException($"the graph has {_inputs.Count} inputs, expected one");
        OnnxValue input = _inputs[0];
        if (input.ElementType is long type && type != OnnxSchema.Float)
            throw new InvalidDataException($"the input {Safetensors.Quote(input.Name)} has elements of {OnnxSchema.ElementTypeName(type)}, expected {OnnxSchema.ElementTypeName(OnnxSchema.Float)}");
        return input;
    }

    /// <summary>A classifier of scikit-learn gives labels too; its scores may be in a map by class.</summary>
    private OnnxValue ScoresOutput()
    {
        if (_outputs.Count == 1) return _outputs[0];
        OnnxValue[] scores = [.. _outputs.Where(output => output.ElementType is null or OnnxSchema.Float)];
        return scores is [OnnxValue only]
            ? only
            : throw new InvalidDataException($"the graph has {_outputs.Count} outputs, {scores.Length} of them scores; expected one");
    }
}
