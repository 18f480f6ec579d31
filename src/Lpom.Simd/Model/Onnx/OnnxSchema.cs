namespace Lpom.Simd.Model.Onnx;

/// <summary>The field numbers of onnx.proto that models of dense layers need.</summary>
internal static class OnnxSchema
{
    /// <summary>The producer's name in the models written here.</summary>
    public const string Producer = "lpom";

    /// <summary>The version of the format that is written: ONNX 1.8's, with <see cref="Opset"/>.</summary>
    public const int IrVersion = 7;

    /// <summary>The version of the operators that is written.</summary>
    public const int Opset = 13;

    /// <summary>The oldest operators that are read: those before broadcast in another way.</summary>
    public const int OldestOpset = 7;

    /// <summary>The operators of opset 11 and later take bounds as inputs.</summary>
    public const int ClipInputsOpset = 11;

    /// <summary>TensorProto.DataType.FLOAT.</summary>
    public const int Float = 1;

    /// <summary>TensorProto.DataType.INT64.</summary>
    public const int Int64 = 7;

    /// <summary>Another name of the standard operators' domain, which is the empty one.</summary>
    public const string StandardDomain = "ai.onnx";

    private static readonly string[] ElementTypes =
        ["undefined", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "float64", "uint32", "uint64", "complex64", "complex128", "bfloat16"];

    /// <summary>A TensorProto.DataType as messages name it.</summary>
    public static string ElementTypeName(long type) => type >= 0 && type < ElementTypes.Length ? ElementTypes[type] : $"type {type}";

    public static class Model
    {
        public const int IrVersion = 1, ProducerName = 2, ProducerVersion = 3, Graph = 7, OpsetImport = 8, MetadataProps = 14;
    }

    public static class OperatorSet
    {
        public const int Domain = 1, Version = 2;
    }

    public static class StringEntry
    {
        public const int Key = 1, Value = 2;
    }

    public static class Graph
    {
        public const int Node = 1, Name = 2, Initializer = 5, Input = 11, Output = 12;
    }

    public static class Node
    {
        public const int Input = 1, Output = 2, Name = 3, OpType = 4, Attribute = 5, Domain = 7;
    }

    public static class Attribute
    {
        public const int Name = 1, Float = 2, Integer = 3, Tensor = 5, Floats = 7, Integers = 8, Type = 20;

        // AttributeProto.AttributeType.
        public const int FloatType = 1, IntegerType = 2;
    }

    public static class Tensor
    {
        public const int Dims = 1, DataType = 2, FloatData = 4, Int64Data = 7, Name = 8, RawData = 9, ExternalData = 13, DataLocation = 14;
    }

    public static class ValueInfo
    {
        public const int Name = 1, Type = 2;
    }

    public static class ValueType
    {
        public const int Tensor = 1;
    }

    public static class TensorType
    {
        public const int ElementType = 1, Shape = 2;
    }

    public static class Shape
    {
        public const int Dim = 1;
    }

    public static class Dimension
    {
        public const int Value = 1, Parameter = 2;
    }
}
