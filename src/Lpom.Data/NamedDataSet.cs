namespace Lpom.Data;

/// <summary>A data set known by name, and whether this machine has it.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Description">Rows, shape and classes, for people.</param>
/// <param name="Location">Folder it was found in, <c>built in</c>, or null when it was not found.</param>
/// <param name="HowToGet">What to do when it was not found.</param>
/// <param name="Problem">Why data that is there could not be taken; null when there is none.</param>
public sealed record NamedDataSet(string Name, string Description, string? Location, string HowToGet, string? Problem);
