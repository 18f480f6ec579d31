using Lpom.Data;

namespace Lpom.Fuzz;

/// <summary>A folder with CIFAR-10's files of a record each, of which one is written over for every execution.</summary>
internal static class CifarFolder
{
    private const int Record = 3073;

    private static readonly Lazy<string> Folder = new(Create);

    /// <summary>A batch of so many records, whose labels and pixels count.</summary>
    public static byte[] Batch(int records)
    {
        byte[] bytes = [.. Enumerable.Range(0, records * Record).Select(i => (byte)i)];
        for (int i = 0; i < records; i++)
            bytes[i * Record] = (byte)(i % 10);
        return bytes;
    }

    /// <summary>Reads the folder with another first batch.</summary>
    public static Action ReadBatch(ScratchFile file)
    {
        File.WriteAllBytes(Path.Combine(Folder.Value, "data_batch_1.bin"), file.Bytes);
        Dataset data = CifarReader.Read(Folder.Value);
        return () =>
        {
            Outcome.Check(data);
            Outcome.Require(data.All.Rows == (file.Bytes.Length / Record) + 5, "the rows are those of the files");
            Outcome.Require(data.All.Label(0) == file.Bytes[0], "the label is that of the file");
        };
    }

    /// <summary>Reads the folder with other names of the classes.</summary>
    public static Action ReadNames(ScratchFile file)
    {
        string path = Path.Combine(Folder.Value, "batches.meta.txt");
        File.WriteAllBytes(path, file.Bytes);
        try
        {
            Dataset data = CifarReader.Read(Folder.Value);
            return () => Outcome.Require(data.ClassNames.Distinct().Count() == 10, "there are ten names");
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Create()
    {
        string folder = Directory.CreateTempSubdirectory("lpom-fuzz-cifar").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        foreach (string name in (string[])["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"])
            File.WriteAllBytes(Path.Combine(folder, name + ".bin"), Batch(1));
        return folder;
    }
}
