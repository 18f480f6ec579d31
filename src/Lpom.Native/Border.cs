using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Lpom.Native;

/// <summary>The one way in: every exported function runs its call here, and no exception gets out.</summary>
internal static class Border
{
    /// <summary>Runs a call. Allocates nothing of its own.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "An exception that crossed the border would end the process.")]
    public static int Run<TCall>(in TCall call)
        where TCall : struct, ICall
    {
        try
        {
            // No copy: calls are read-only, which the compiler cannot know.
            return (int)Unsafe.AsRef(in call).Run();
        }
        catch (Exception e)
        {
            return (int)LastError.Failed(e is OutOfMemoryException ? "there is not enough memory" : e.Message);
        }
    }
}
