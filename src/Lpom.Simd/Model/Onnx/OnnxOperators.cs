namespace Lpom.Simd.Model.Onnx;

/// <summary>The names of the operators and attributes that are written and read.</summary>
internal static class OnnxOperators
{
    public const string Gemm = "Gemm", MatMul = "MatMul", Add = "Add", Max = "Max", Min = "Min";
    public const string Relu = "Relu", LeakyRelu = "LeakyRelu", Elu = "Elu", Sigmoid = "Sigmoid", Tanh = "Tanh", HardSigmoid = "HardSigmoid", Softplus = "Softplus", Clip = "Clip";
    public const string Flatten = "Flatten", Reshape = "Reshape", Identity = "Identity", Dropout = "Dropout", Cast = "Cast", Constant = "Constant", Transpose = "Transpose";
    public const string Softmax = "Softmax", LogSoftmax = "LogSoftmax", ZipMap = "ai.onnx.ml.ZipMap";

    /// <summary>Operators of the standard domain, whose names need no memory of their own when they are read.</summary>
    public static readonly IReadOnlyList<string> All =
        [Gemm, MatMul, Add, Max, Min, Relu, LeakyRelu, Elu, Sigmoid, Tanh, HardSigmoid, Softplus, Clip, Flatten, Reshape, Identity, Dropout, Cast, Constant, Transpose, Softmax, LogSoftmax];

    public const string Alpha = "alpha", Beta = "beta", TransA = "transA", TransB = "transB", Lower = "min", Upper = "max", Axis = "axis", Permutation = "perm", To = "to";
}
