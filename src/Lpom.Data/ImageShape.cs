namespace Lpom.Data;

/// <summary>Shape of a row that is an image: channel after channel, each row by row.</summary>
/// <param name="Channels">1 for grey, 3 for red, green, blue.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Width">Pixels.</param>
public readonly record struct ImageShape(int Channels, int Height, int Width);
