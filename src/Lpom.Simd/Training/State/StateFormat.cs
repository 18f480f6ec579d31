namespace Lpom.Simd.Training.State;

/// <summary>What a trainer's state begins with.</summary>
internal static class StateFormat
{
    /// <summary><c>LPOMSTAT</c>.</summary>
    public const ulong Magic = 0x54_41_54_53_4D_4F_50_4C;

    /// <summary>Raised whenever a trainer keeps something else.</summary>
    public const int Version = 1;
}

/// <summary>What a value of a state is.</summary>
internal enum StateTag : byte
{
    /// <summary>Nothing follows.</summary>
    End,
    Matrix,
    Int32,
    Float32,
    Float64,
    Boolean,
}
