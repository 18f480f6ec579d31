namespace Lpom.Cli.Training.Checkpoints;

/// <summary>What was asked for.</summary>
/// <param name="Folder">Of the checkpoints, as the user named it.</param>
/// <param name="Every">How often one is written.</param>
/// <param name="Resumes">Whether to go on with the run in the folder.</param>
internal sealed record CheckpointSettings(string Folder, CheckpointInterval Every, bool Resumes);
