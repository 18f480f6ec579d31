namespace Lpom.Native;

/// <summary>A call from outside, with its arguments as they came: unchecked.</summary>
internal interface ICall
{
    /// <summary>Checks the arguments and does the work.</summary>
    Status Run();
}
