namespace Lpom.Native;

/// <summary>What every function returns: <c>LPOM_OK</c> and so on of lpom.h.</summary>
internal enum Status
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>The work failed.</summary>
    Failed = 1,

    /// <summary>An argument is not what the function takes; nothing has been done.</summary>
    BadArgument = 2,

    /// <summary>No model that this library reads.</summary>
    BadFile = 3,
}
