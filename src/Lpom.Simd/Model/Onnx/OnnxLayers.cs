using System.Numerics.Tensors;
using Lpom.Simd.Kernels.Dense;
using Lpom.Simd.Kernels.Memory;
using Lpom.Simd.Proximal;

namespace Lpom.Simd.Model.Onnx;

/// <summary>Makes layers of a chain of nodes: products with constants, biases and activations, and what changes nothing.</summary>
internal sealed class OnnxLayers
{
    private const string Supported = "Gemm, MatMul, Add, Relu, LeakyRelu, Elu, Sigmoid, Tanh, HardSigmoid, Softplus, Clip, and in their places Flatten, Reshape, Identity, Dropout, Cast, Max, Min, Softmax, LogSoftmax and ZipMap";

    private readonly OnnxGraph _graph;
    private readonly long _opset;
    private readonly List<Layer> _layers = [];

    // Weights that two layers share would let a small file ask for much memory.
    private readonly HashSet<ArraySegment<byte>> _used = [];

    // The layer that is being read; its activation comes last.
    private Matrix? _weights;
    private AlignedBuffer? _bias;
    private bool _isActivated;

    private float[]? _lower;
    private float[]? _upper;
    private bool _isFlat;
    private OnnxNode? _softmax;

    private OnnxLayers(OnnxGraph graph, long opset)
    {
        _graph = graph;
        _opset = opset;
        _isFlat = graph.Input.Shape is null or { Count: 2 };
    }

    /// <summary>The layers, from the input to the output.</summary>
    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>What inputs are clipped to; null for nothing.</summary>
    public InputBounds? Bounds { get; private set; }

    /// <summary>Whether a Softmax or LogSoftmax behind the last layer is left out: scores are then logits.</summary>
    public bool HasSoftmax => _softmax is not null;

    /// <summary>Reads a chain.</summary>
    /// <exception cref="InvalidDataException">The first node that is not supported, or that does not fit.</exception>
    public static OnnxLayers Read(OnnxGraph graph, IEnumerable<OnnxNode> chain, long opset)
    {
        var layers = new OnnxLayers(graph, opset);
        foreach (OnnxNode node in chain) layers.Add(node);
        layers.EndLayer();
        if (layers._layers.Count == 0) throw new InvalidDataException("the graph has no Gemm or MatMul with constant weights");
        if (layers._softmax is OnnxNode softmax && layers._layers[^1].Activation is not Activation<Identity>)
            throw softmax.Bad($"stands behind the activation {layers._layers[^1].Activation.Name}, expected a linear layer");
        return layers;
    }

    private void Add(OnnxNode node)
    {
        bool isIdle = node.Operator is OnnxOperators.Flatten or OnnxOperators.Reshape or OnnxOperators.Cast or OnnxOperators.Identity or OnnxOperators.Dropout or OnnxOperators.ZipMap;
        if (_softmax is not null && !isIdle) throw _softmax.Bad($"is supported at the end alone, not before {node}");
        switch (node.Operator)
        {
            case OnnxOperators.Gemm:
                AddGemm(node);
                break;
            case OnnxOperators.MatMul:
                AddMatMul(node);
                break;
            case OnnxOperators.Add:
                AddBias(node);
                break;
            case OnnxOperators.Max:
                _lower = ReadBound(node, _lower);
                break;
            case OnnxOperators.Min:
                _upper = ReadBound(node, _upper);
                break;
            case OnnxOperators.Flatten:
                CheckFlatten(node);
                break;
            case OnnxOperators.Reshape:
                CheckReshape(node);
                break;
            case OnnxOperators.Cast:
                CheckCast(node);
                break;
            case OnnxOperators.Softmax or OnnxOperators.LogSoftmax:
                AddSoftmax(node);
                break;
            case OnnxOperators.Identity or OnnxOperators.Dropout or OnnxOperators.ZipMap:
                // A dropout is idle outside of training, and a map by class holds the same scores.
                break;
            default:
                AddActivation(node);
                break;
        }
    }

    /// <summary>α·X·W + β·b, W transposed or not.</summary>
    private void AddGemm(OnnxNode node)
    {
        var attributes = new OnnxAttributes(node);
        float alpha = attributes.Float(OnnxOperators.Alpha, 1f), beta = attributes.Float(OnnxOperators.Beta, 1f);
        if (attributes.Integer(OnnxOperators.TransA, 0) != 0) throw node.Bad("attribute 'transA' is not supported");
        bool isTransposed = attributes.Integer(OnnxOperators.TransB, 0) != 0;
        attributes.RefuseOthers();
        BeginLayer(node, isTransposed);
        if (alpha != 1f) ScaleWeights(alpha);
        if (_graph.Constant(node, 2) is not OnnxConstant bias) return;
        ReadBias(node, bias);
        if (beta != 1f) TensorPrimitives.Multiply(_bias!.Span, beta, _bias.Span);
    }

    private void AddMatMul(OnnxNode node)
    {
        new OnnxAttributes(node).RefuseOthers();
        BeginLayer(node, isTransposed: false);
    }

    private void BeginLayer(OnnxNode node, bool isTransposed)
    {
        EndLayer();
        // The first constant is the weights; a constant in the data's place would be weights times data.
        OnnxConstant constant = _graph.Constant(node, 1) ?? throw node.Bad("has no weights");
        OnnxTensor tensor = constant.Tensor();
        if (tensor.Shape.Count != 2) throw tensor.Bad($"has the shape {tensor.ShapeText}, expected a matrix: it is the weights of {node}");
        if (!_used.Add(constant.Message)) throw tensor.Bad($"is the weights of a second layer, {node}: shared weights are not supported");
        bool isOutputsFirst = isTransposed ^ constant.IsTransposed;
        ReadOnlySpan<float> values = tensor.Floats;
        if (values.IsEmpty) throw tensor.Bad($"has the shape {tensor.ShapeText}: it is the weights of {node}");
        int rows = (int)tensor.Shape[0], cols = (int)tensor.Shape[1];
        (int outputs, int inputs) = isOutputsFirst ? (rows, cols) : (cols, rows);
        CheckInputs(node, inputs);
        if (!Matrix.Fits(outputs, inputs) || !PackedMatrix.Fits(inputs, outputs)) throw tensor.Bad("is too large");
        _weights = new Matrix(outputs, inputs);
        var source = new ReadOnlyMatrixView(values, rows, cols);
        if (isOutputsFirst) source.CopyTo(_weights.View);
        else Transpose(source, _weights.View);
    }

    private static void Transpose(ReadOnlyMatrixView from, MatrixView to)
    {
        ReadOnlySpan<float> values = from.Flat;
        for (int row = 0; row < to.Rows; row++)
        {
            Span<float> target = to.Row(row);
            for (int col = 0; col < target.Length; col++) target[col] = values[(col * from.Cols) + row];
        }
    }

    private void CheckInputs(OnnxNode node, int inputs)
    {
        if (_layers.Count > 0)
        {
            int width = _layers[^1].Outputs;
            if (inputs != width) throw node.Bad($"the weights take {inputs} values, the layer before gives {width}");
            return;
        }
        if (!_isFlat || _graph.Input.Shape is { Count: < 2 }) throw node.Bad($"the graph's input is {_graph.Input.ShapeText}, expected [batch, inputs] or a Flatten");
        if (DeclaredInputs() is long declared && declared != inputs) throw node.Bad($"the weights take {inputs} values, the graph's input is {_graph.Input.ShapeText}");
        if (_lower is null && _upper is null) return;
        if (_lower is null || _upper is null) throw node.Bad("before it stands a Max or a Min alone, expected both");
        if (_lower.Length != inputs || _upper.Length != inputs) throw node.Bad($"the weights take {inputs} values, but {_lower.Length} and {_upper.Length} are clipped before it");
        try
        {
            Bounds = new InputBounds(_lower, _upper);
        }
        catch (ArgumentException e)
        {
            throw OnnxReader.Refused(e);
        }
    }

    /// <summary>Values of a sample as the graph declares its input; null when it does not.</summary>
    private long? DeclaredInputs()
    {
        if (_graph.Input.Shape is not { Count: >= 2 } shape || shape.Skip(1).Any(size => size < 0)) return null;
        // As a double this cannot overflow, and is exact for all that can be weights.
        double product = shape.Skip(1).Aggregate(1.0, (a, b) => a * b);
        return product < int.MaxValue ? (long)product : int.MaxValue;
    }

    private void AddBias(OnnxNode node)
    {
        new OnnxAttributes(node).RefuseOthers();
        if (_weights is null || _isActivated) throw node.Bad("expected it behind a Gemm or MatMul, as its bias");
        if (_bias is not null) throw node.Bad("is a second bias of one layer");
        if (node.Inputs.Length != 2) throw node.Bad($"has {node.Inputs.Length} inputs");
        // Either of the two may be the bias; when neither is, the second is what was expected.
        int place = _graph.TryGetConstant(node.Inputs[0], out _) ? 0 : 1;
        ReadBias(node, _graph.Constant(node, place)!);
    }

    private void ReadBias(OnnxNode node, OnnxConstant constant)
    {
        OnnxTensor tensor = constant.Tensor();
        ReadOnlySpan<float> values = tensor.Floats;
        int outputs = _weights!.Rows;
        bool isRow = !constant.IsTransposed && tensor.Shape.Count <= 2 && values.Length == (tensor.Shape.Count == 0 ? 1 : tensor.Shape[^1]);
        if (!isRow || (values.Length != 1 && values.Length != outputs))
            throw tensor.Bad($"has the shape {tensor.ShapeText}, expected [{outputs}]: it is the bias of {node}");
        _bias = new AlignedBuffer(outputs);
        if (values.Length == 1) _bias.Span.Fill(values[0]);
        else values.CopyTo(_bias.Span);
    }

    private void AddActivation(OnnxNode node)
    {
        ScaledActivation activation = OnnxActivation.Read(node, _graph, _opset)
            ?? throw node.Bad($"the operator is not supported; supported are {Supported}");
        if (_weights is null) throw node.Bad("expected it behind a Gemm or MatMul");
        if (_isActivated) throw node.Bad("is a second activation of one layer");
        if (activation.Scale != 1f)
        {
            ScaleWeights(activation.Scale);
            if (_bias is not null) TensorPrimitives.Multiply(_bias.Span, activation.Scale, _bias.Span);
        }
        if (activation.Shift != 0f)
        {
            _bias ??= new AlignedBuffer(_weights.Rows);
            TensorPrimitives.Add(_bias.Span, activation.Shift, _bias.Span);
        }
        AddLayer(activation.Activation);
        _isActivated = true;
    }

    private void ScaleWeights(float factor)
    {
        for (int row = 0; row < _weights!.Rows; row++) TensorPrimitives.Multiply(_weights.View.Row(row), factor, _weights.View.Row(row));
    }

    /// <summary>A layer without an activation is linear.</summary>
    private void EndLayer()
    {
        if (_weights is not null && !_isActivated) AddLayer(Activation.Of(default(Identity)));
        (_weights, _bias, _isActivated) = (null, null, false);
    }

    private void AddLayer(Activation activation)
    {
        for (int row = 0; row < _weights!.Rows; row++)
        {
            if (!TensorPrimitives.IsFiniteAll<float>(_weights.View.Row(row))) throw NotFinite("weight");
        }
        if (_bias is not null && !TensorPrimitives.IsFiniteAll<float>(_bias.Span)) throw NotFinite("bias");
        _layers.Add(new Layer(_weights, _bias, activation));
    }

    private InvalidDataException NotFinite(string what) => new($"layer {_layers.Count + 1} has a {what} that is not finite");

    private float[] ReadBound(OnnxNode node, float[]? earlier)
    {
        if (_layers.Count > 0 || _weights is not null || earlier is not null) throw node.Bad("expected one Max and one Min, of the graph's input");
        if (node.Inputs.Length != 2) throw node.Bad($"has {node.Inputs.Length} inputs, expected 2");
        int place = _graph.TryGetConstant(node.Inputs[0], out _) ? 0 : 1;
        return _graph.Constant(node, place)!.Tensor().Floats.ToArray();
    }

    private void CheckFlatten(OnnxNode node)
    {
        var attributes = new OnnxAttributes(node);
        if (attributes.Integer(OnnxOperators.Axis, 1) != 1) throw node.Bad("attribute 'axis' is not 1");
        attributes.RefuseOthers();
        _isFlat = true;
    }

    /// <summary>To [batch, values], which changes nothing or flattens.</summary>
    private void CheckReshape(OnnxNode node)
    {
        OnnxTensor shape = (_graph.Constant(node, 1) ?? throw node.Bad("has no shape")).Tensor();
        long? width = _weights is null ? DeclaredInputs() : _weights.Rows;
        if (shape.Integers is not [long batch, long values] || batch < -1 || (values != -1 && width is not null && values != width))
            throw node.Bad($"the shape is [{string.Join(", ", shape.Integers)}], expected [-1, {width?.ToString() ?? "inputs"}]");
        _isFlat = true;
    }

    private static void CheckCast(OnnxNode node)
    {
        long type = new OnnxAttributes(node).Integer(OnnxOperators.To, 0);
        if (type != OnnxSchema.Float) throw node.Bad($"to {OnnxSchema.ElementTypeName(type)}, expected {OnnxSchema.ElementTypeName(OnnxSchema.Float)}");
    }

    private void AddSoftmax(OnnxNode node)
    {
        var attributes = new OnnxAttributes(node);
        if (attributes.Integer(OnnxOperators.Axis, -1) is not (1 or -1)) throw node.Bad("attribute 'axis' is not the classes'");
        attributes.RefuseOthers();
        if (_weights is null) throw node.Bad("expected it behind the last layer");
        _softmax = node;
    }
}
