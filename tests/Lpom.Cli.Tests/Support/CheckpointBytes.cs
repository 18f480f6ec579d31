using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Lpom.Cli.Tests.Support;

/// <summary>A checkpoint with one network in it, of two layers, after four epochs with scores on rows of all parts, to be changed and given the checksum of what it holds then.</summary>
public sealed class CheckpointBytes
{
    private const int ChecksumBytes = 16, Epochs = 4, FiguresBytes = 24, LayerBytes = 16, Layers = 2;

    private readonly List<byte> _contents;

    public CheckpointBytes(string file)
    {
        _contents = [.. File.ReadAllBytes(file)[..^ChecksumBytes]];
        int at = 17;
        for (int i = 0; i < 4; i++)
            at = BehindText(at);
        int options = Int32(at);
        at += 4;
        for (int i = 0; i < 2 * options; i++)
            at = BehindText(at);
        Position = at;
    }

    /// <summary>Where the run is: epoch, batch, steps, rows, objective, loss, restarts, epochs behind the last.</summary>
    public int Position { get; }

    public int Objective => Position + 20;

    public int Restarts => Position + 36;

    /// <summary>Seconds, objective and loss of the first epoch, its scores, residual and norm of its layers.</summary>
    public int History => Position + 44 + (Layers * 8);

    /// <summary>The network's epochs, its length and itself.</summary>
    public int Network => History + (Epochs * (FiguresBytes + (3 * ScoreBytes) + (Layers * LayerBytes))) + 4;

    /// <summary>Whether there is one, whether it is an accuracy, the accuracy.</summary>
    public int TrainScore => History + FiguresBytes;

    public int ValidationScore => TrainScore + ScoreBytes;

    /// <summary>Which networks are the last, the one before and the best ones; the seconds behind them.</summary>
    public int References => IndexOf("LPOMSTAT") - 24;

    public int FirstWeight => IndexOf("LPOMSTAT") + 12 + 1 + _contents[IndexOf("LPOMSTAT") + 12] + 9;

    public static int ScoreBytes => 31;

    public int End => _contents.Count;

    public void Set(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(Bytes(at, 4), value);

    public void Set(int at, float value) => BinaryPrimitives.WriteSingleLittleEndian(Bytes(at, 4), value);

    public void Set(int at, double value) => BinaryPrimitives.WriteDoubleLittleEndian(Bytes(at, 8), value);

    public void Insert(int at, params ReadOnlySpan<byte> bytes) => _contents.InsertRange(at, bytes);

    public void Remove(int at, int count) => _contents.RemoveRange(at, count);

    /// <summary>By a text of the same length, in the network's header.</summary>
    public void Replace(string text, string other) => Replace(text, other, Network);

    public void Replace(string text, string other, int from)
    {
        Assert.Equal(text.Length, other.Length);
        Encoding.ASCII.GetBytes(other).CopyTo(Bytes(IndexOf(text, from), text.Length));
    }

    public void Save(string file)
    {
        byte[] contents = [.. _contents];
        File.WriteAllBytes(file, [.. contents, .. XxHash128.Hash(contents)]);
    }

    private Span<byte> Bytes(int at, int count) => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_contents).Slice(at, count);

    private int IndexOf(string text, int from = 0) => from + Bytes(from, _contents.Count - from).IndexOf(Encoding.ASCII.GetBytes(text));

    private int Int32(int at) => BinaryPrimitives.ReadInt32LittleEndian(Bytes(at, 4));

    private int BehindText(int at) => at + 4 + Int32(at);
}
