namespace Lpom.Simd.Tests.Reference;

/// <summary>
/// An activation in double precision: φ and φ⁻¹ by the library's functions, F and F* as their integrals, so that nothing is shared with
/// the closed forms under test.
/// </summary>
internal sealed record ReferenceActivation(
    string Name, Func<double, double> Phi, Func<double, double> Inverse, double Lower, double Upper, double Lipschitz, params double[] Kinks)
{
    private const double Infinity = double.PositiveInfinity;

    public static ReferenceActivation Identity { get; } = new("identity", z => z, x => x, -Infinity, Infinity, 1);

    public static ReferenceActivation Relu { get; } = new("relu", z => Math.Max(z, 0), x => x, 0, Infinity, 1);

    public static ReferenceActivation Elu { get; } =
        new("elu", z => z >= 0 ? z : Expm1(z), x => x >= 0 ? x : Math.Log(1 + x), -1, Infinity, 1);

    public static ReferenceActivation Sigmoid { get; } =
        new("sigmoid", z => 1 / (1 + Math.Exp(-z)), x => Math.Log(x / (1 - x)), 0, 1, 0.25);

    public static ReferenceActivation Tanh { get; } = new("tanh", Math.Tanh, Math.Atanh, -1, 1, 1);

    public static ReferenceActivation HardSigmoid { get; } =
        new("hard-sigmoid", z => Math.Clamp((z / 4) + 0.5, 0, 1), x => 4 * (x - 0.5), 0, 1, 0.25, -2, 2);

    public static ReferenceActivation HardTanh { get; } = new("hard-tanh", z => Math.Clamp(z, -1, 1), x => x, -1, 1, 1, -1, 1);

    public static ReferenceActivation Softplus { get; } =
        new("softplus", z => Math.Max(z, 0) + Log1p(Math.Exp(-Math.Abs(z))), x => x + Math.Log(-Expm1(-x)), 0, Infinity, 1);

    public static ReferenceActivation Clip01 { get; } = new("clip01", z => Math.Clamp(z, 0, 1), x => x, 0, 1, 1, 0, 1);

    public static ReferenceActivation LeakyRelu(double slope) =>
        new("leaky-relu", z => z >= 0 ? z : slope * z, x => x >= 0 ? x : x / slope, -Infinity, Infinity, 1);

    /// <summary>∫₀ˣ φ⁻¹ on the closed domain, +∞ outside.</summary>
    public double F(double x) => x < Lower || x > Upper ? Infinity : Integral.FromZero(Inverse, x);

    /// <summary>∫₀ᶻ φ.</summary>
    public double FStar(double z) => Integral.FromZero(Phi, z, Kinks);

    /// <summary>eˣ − 1 without cancellation, in double.</summary>
    public static double Expm1(double x) => Math.Abs(x) switch
    {
        < 1e-3 => x * (1 + (x / 2 * (1 + (x / 3 * (1 + (x / 4 * (1 + (x / 5)))))))),
        < 1 => 2 * Math.Sinh(x / 2) * Math.Exp(x / 2),
        _ => Math.Exp(x) - 1,
    };

    /// <summary>ln(1 + x) without cancellation, in double.</summary>
    public static double Log1p(double x) => Math.Abs(x) < 0.5 ? 2 * Math.Atanh(x / (2 + x)) : Math.Log(1 + x);
}
