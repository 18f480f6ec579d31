using Lpom.Simd.Proximal;

namespace Lpom.Simd.Model.Onnx;

/// <summary>An activation of this library as an operator of ONNX.</summary>
/// <param name="Operator">Its name.</param>
internal sealed record OnnxActivation(string Operator)
{
    // φ of HardSigmoid.
    private const float HardSigmoidSlope = 0.25f, HardSigmoidCentre = 0.5f;

    /// <summary>Attributes by name.</summary>
    public IReadOnlyList<(string Name, float Value)> Attributes { get; private init; } = [];

    /// <summary>Constants that the operator takes behind its value.</summary>
    public IReadOnlyList<float> Bounds { get; private init; } = [];

    /// <summary>The operator of an activation; null for the identity, which needs none.</summary>
    /// <exception cref="NotSupportedException">An activation of the caller's own.</exception>
    public static OnnxActivation? Of(Activation activation) => activation switch
    {
        Activation<Identity> => null,
        Activation<Relu> => new(OnnxOperators.Relu),
        Activation<LeakyRelu> leaky => new(OnnxOperators.LeakyRelu) { Attributes = [(OnnxOperators.Alpha, leaky.Struct.Slope)] },
        Activation<Elu> => new(OnnxOperators.Elu),
        Activation<Sigmoid> => new(OnnxOperators.Sigmoid),
        Activation<Tanh> => new(OnnxOperators.Tanh),
        Activation<HardSigmoid> => new(OnnxOperators.HardSigmoid)
        {
            Attributes = [(OnnxOperators.Alpha, HardSigmoidSlope), (OnnxOperators.Beta, HardSigmoidCentre)],
        },
        Activation<HardTanh> => new(OnnxOperators.Clip) { Bounds = [-1, 1] },
        Activation<Softplus> => new(OnnxOperators.Softplus),
        Activation<Clip01> => new(OnnxOperators.Clip) { Bounds = [0, 1] },
        _ => throw new NotSupportedException($"The activation '{activation.Name}' is not one of the library's own: ONNX has no operator for it."),
    };

    /// <summary>Reads a node; null when its operator is no activation.</summary>
    /// <param name="node">The node.</param>
    /// <param name="graph">Where its constants are.</param>
    /// <param name="opset">The version of the operators.</param>
    /// <exception cref="InvalidDataException">Attributes that no activation of this library has.</exception>
    public static ScaledActivation? Read(OnnxNode node, OnnxGraph graph, long opset)
    {
        var attributes = new OnnxAttributes(node);
        ScaledActivation? read = node.Operator switch
        {
            OnnxOperators.Relu => Plain<Relu>(),
            OnnxOperators.LeakyRelu => ReadLeakyRelu(node, attributes.Float(OnnxOperators.Alpha, 0.01f)),
            OnnxOperators.Elu => attributes.Float(OnnxOperators.Alpha, 1f) == 1f ? Plain<Elu>() : throw node.Bad("attribute 'alpha' is not 1"),
            OnnxOperators.Sigmoid => Plain<Sigmoid>(),
            OnnxOperators.Tanh => Plain<Tanh>(),
            OnnxOperators.HardSigmoid => ReadHardSigmoid(node, attributes.Float(OnnxOperators.Alpha, 0.2f), attributes.Float(OnnxOperators.Beta, 0.5f)),
            OnnxOperators.Softplus => Plain<Softplus>(),
            OnnxOperators.Clip => ReadClip(node, graph, attributes, opset),
            _ => null,
        };
        if (read is not null) attributes.RefuseOthers();
        return read;
    }

    private static ScaledActivation Plain<TAct>()
        where TAct : struct, IProximalActivation => new(Shared<TAct>.Activation, 1, 0);

    private static ScaledActivation ReadLeakyRelu(OnnxNode node, float slope) =>
        slope is > 0 and <= 1 ? new(Activation.Of(new LeakyRelu(slope)), 1, 0) : throw node.Bad($"attribute 'alpha' is {slope}, expected above 0 and at most 1");

    /// <summary>clip(αz + β, 0, 1) = clip(z′/4 + ½, 0, 1) of z′ = 4αz + 4(β − ½).</summary>
    private static ScaledActivation ReadHardSigmoid(OnnxNode node, float slope, float centre)
    {
        float scale = slope / HardSigmoidSlope, shift = (centre - HardSigmoidCentre) / HardSigmoidSlope;
        if (!(scale > 0 && float.IsFinite(scale) && float.IsFinite(shift))) throw node.Bad($"attributes 'alpha' and 'beta' are {slope} and {centre}, expected a rise");
        return new(Activation.Of(default(HardSigmoid)), scale, shift);
    }

    private static ScaledActivation ReadClip(OnnxNode node, OnnxGraph graph, OnnxAttributes attributes, long opset)
    {
        float lower = float.NegativeInfinity, upper = float.PositiveInfinity;
        if (opset < OnnxSchema.ClipInputsOpset)
        {
            lower = attributes.Float(OnnxOperators.Lower, lower);
            upper = attributes.Float(OnnxOperators.Upper, upper);
        }
        else
        {
            lower = graph.Constant(node, 1)?.Tensor().Number ?? lower;
            upper = graph.Constant(node, 2)?.Tensor().Number ?? upper;
        }
        return (lower, upper) switch
        {
            (-1, 1) => Plain<HardTanh>(),
            (0, 1) => Plain<Clip01>(),
            (0, float.PositiveInfinity) => Plain<Relu>(),
            _ => throw node.Bad($"the bounds are {lower} and {upper}, expected -1 and 1, 0 and 1, or 0 alone"),
        };
    }

    /// <summary>One for all layers.</summary>
    private static class Shared<TAct>
        where TAct : struct, IProximalActivation
    {
        public static readonly Activation Activation = Activation.Of(default(TAct));
    }
}

/// <summary>φ(<paramref name="Scale"/>·z + <paramref name="Shift"/>), whose scale and shift the layer's weights and bias take over.</summary>
internal readonly record struct ScaledActivation(Activation Activation, float Scale, float Shift);
