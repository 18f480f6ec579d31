using System.Runtime.InteropServices;
using System.Text;

namespace Lpom.Cli.Distributed;

/// <summary>
/// The functions of an MPI library, found at run time. Open MPI's handles are addresses of its symbols, MPICH's (and Intel MPI's) are
/// numbers; as arguments both are passed as an address is.
/// </summary>
internal sealed unsafe class MpiLibrary
{
    /// <summary>A symbol that only Open MPI has.</summary>
    private const string OpenMpiWorld = "ompi_mpi_comm_world";

    private const int LongestErrorText = 512;

    /// <summary>More than MPI_Status has in either library.</summary>
    public const int MostStatusBytes = 64;

    private readonly nint _library;
    private readonly bool _isOpenMpi;

    private MpiLibrary(nint library, string file)
    {
        _library = library;
        File = file;
        _isOpenMpi = NativeLibrary.TryGetExport(library, OpenMpiWorld, out _);
        World = Handle(OpenMpiWorld, 0x44000000);
        Float = Handle("ompi_mpi_float", 0x4c00040a);
        Int = Handle("ompi_mpi_int", 0x4c000405);
        Byte = Handle("ompi_mpi_byte", 0x4c00010d);
        MaxOperation = Handle("ompi_mpi_op_max", 0x58000001);
        ErrorsReturn = Handle("ompi_mpi_errors_return", 0x54000001);
        Init = (delegate* unmanaged<nint, nint, int>)Function("MPI_Init");
        Finish = (delegate* unmanaged<int>)Function("MPI_Finalize");
        Abort = (delegate* unmanaged<nint, int, int>)Function("MPI_Abort");
        Rank = (delegate* unmanaged<nint, int*, int>)Function("MPI_Comm_rank");
        Size = (delegate* unmanaged<nint, int*, int>)Function("MPI_Comm_size");
        SetErrorHandler = (delegate* unmanaged<nint, nint, int>)Function("MPI_Comm_set_errhandler");
        AllGather = (delegate* unmanaged<nint, int, nint, void*, int*, int*, nint, nint, int>)Function("MPI_Allgatherv");
        AllToAll = (delegate* unmanaged<void*, int*, int*, nint, void*, int*, int*, nint, nint, int>)Function("MPI_Alltoallv");
        Broadcast = (delegate* unmanaged<void*, int, nint, int, nint, int>)Function("MPI_Bcast");
        AllReduce = (delegate* unmanaged<nint, void*, int, nint, nint, nint, int>)Function("MPI_Allreduce");
        SendLater = (delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int>)Function("MPI_Isend");
        Receive = (delegate* unmanaged<void*, int, nint, int, int, nint, void*, int>)Function("MPI_Recv");
        Count = (delegate* unmanaged<void*, nint, int*, int>)Function("MPI_Get_count");
        Test = (delegate* unmanaged<nint*, int*, nint, int>)Function("MPI_Test");
        Wait = (delegate* unmanaged<nint*, nint, int>)Function("MPI_Wait");
        _errorText = (delegate* unmanaged<int, byte*, int*, int>)Function("MPI_Error_string");
    }

    /// <summary>The library's file, as it was asked for.</summary>
    public string File { get; }

    /// <summary>MPI_COMM_WORLD.</summary>
    public nint World { get; }

    public nint Float { get; }

    public nint Int { get; }

    public nint Byte { get; }

    public nint MaxOperation { get; }

    public nint ErrorsReturn { get; }

    /// <summary>MPI_IN_PLACE.</summary>
    public nint InPlace => _isOpenMpi ? 1 : -1;

    /// <summary>MPI_STATUS_IGNORE.</summary>
    public nint IgnoredStatus => _isOpenMpi ? 0 : 1;

    public delegate* unmanaged<nint, nint, int> Init { get; }

    /// <summary>MPI_Finalize.</summary>
    public delegate* unmanaged<int> Finish { get; }

    public delegate* unmanaged<nint, int, int> Abort { get; }

    public delegate* unmanaged<nint, int*, int> Rank { get; }

    public delegate* unmanaged<nint, int*, int> Size { get; }

    public delegate* unmanaged<nint, nint, int> SetErrorHandler { get; }

    public delegate* unmanaged<nint, int, nint, void*, int*, int*, nint, nint, int> AllGather { get; }

    public delegate* unmanaged<void*, int*, int*, nint, void*, int*, int*, nint, nint, int> AllToAll { get; }

    public delegate* unmanaged<void*, int, nint, int, nint, int> Broadcast { get; }

    public delegate* unmanaged<nint, void*, int, nint, nint, nint, int> AllReduce { get; }

    /// <summary>MPI_Isend. A request is an address or a number, as handles are.</summary>
    public delegate* unmanaged<void*, int, nint, int, int, nint, nint*, int> SendLater { get; }

    public delegate* unmanaged<void*, int, nint, int, int, nint, void*, int> Receive { get; }

    /// <summary>MPI_Get_count.</summary>
    public delegate* unmanaged<void*, nint, int*, int> Count { get; }

    public delegate* unmanaged<nint*, int*, nint, int> Test { get; }

    public delegate* unmanaged<nint*, nint, int> Wait { get; }

    private readonly delegate* unmanaged<int, byte*, int*, int> _errorText;

    /// <exception cref="BadInputException">None of them is there, or one is no MPI library.</exception>
    public static MpiLibrary Load(MpiJob job)
    {
        foreach (string file in job.Libraries)
        {
            if (!NativeLibrary.TryLoad(file, out nint library))
                continue;
            try
            {
                return new MpiLibrary(library, file);
            }
            catch (EntryPointNotFoundException e)
            {
                throw new BadInputException($"--distributed: {file} is no MPI library: {e.Message}", e);
            }
        }

        throw new BadInputException($"--distributed: started by {job.Launcher}, but its library is not to be found: tried {string.Join(", ", job.Libraries)}; install it, or name its file in {MpiJob.LibraryVariable}");
    }

    /// <summary>What an error code means.</summary>
    public string TextOf(int error)
    {
        byte* text = stackalloc byte[LongestErrorText];
        int length = 0;
        return _errorText(error, text, &length) == 0 ? Encoding.UTF8.GetString(text, Math.Clamp(length, 0, LongestErrorText)) : $"error {error}";
    }

    private nint Handle(string symbol, int number) => _isOpenMpi ? Function(symbol) : number;

    private nint Function(string name) => NativeLibrary.GetExport(_library, name);
}
