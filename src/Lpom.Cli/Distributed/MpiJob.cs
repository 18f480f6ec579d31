using System.Globalization;

namespace Lpom.Cli.Distributed;

/// <summary>What a launcher, such as <c>mpirun</c>, tells its processes in their environment.</summary>
/// <param name="Launcher">Its name.</param>
/// <param name="Rank">This process's, from 0.</param>
/// <param name="Size">Processes of the job.</param>
/// <param name="LocalSize">Those on this machine.</param>
/// <param name="Libraries">File names of the MPI libraries that understand the launcher, the likeliest first.</param>
internal sealed record MpiJob(string Launcher, int Rank, int Size, int LocalSize, string[] Libraries)
{
    /// <summary>Names the file of an MPI library that stands elsewhere.</summary>
    public const string LibraryVariable = "LPOM_MPI";

    private static readonly string[] OpenMpi = ["libmpi.so.40", "libmpi.so"], Mpich = ["libmpich.so.12", "libmpi.so.12"];

    /// <summary>Threads for each rank, so that those of a machine share its processors.</summary>
    public int Threads => Math.Max(1, Environment.ProcessorCount / LocalSize);

    /// <summary>This process's job; null when no launcher started it.</summary>
    public static MpiJob? Find() => Find(Environment.GetEnvironmentVariable);

    /// <param name="variable">Gives the value of an environment variable, or null.</param>
    public static MpiJob? Find(Func<string, string?> variable)
    {
        string? named = variable(LibraryVariable);
        return From("Open MPI's mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE", OpenMpi)
            ?? From("MPICH's mpirun", "PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS", Mpich);

        MpiJob? From(string launcher, string rank, string size, string localSize, string[] libraries) =>
            Number(rank) is int r && Number(size) is int n && r >= 0 && n > r
                ? new MpiJob(launcher, r, n, Math.Clamp(Number(localSize) ?? 1, 1, n), string.IsNullOrEmpty(named) ? libraries : [named])
                : null;

        int? Number(string name) => int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;
    }
}
