namespace Lpom.Native;

/// <summary>What a handle stands for.</summary>
internal abstract class HandleTarget
{
    /// <summary>The handle; 0 before there is one.</summary>
    public nint Handle { get; set; }

    /// <summary>What messages call it, such as <c>model</c>.</summary>
    public abstract string Kind { get; }
}
