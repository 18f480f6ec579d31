using System.Runtime.InteropServices;
using Lpom.Data;
using Lpom.Simd.Model;

namespace Lpom.Native;

/// <summary>The functions of lpom.h about models: what the arguments are, is said there.</summary>
internal static unsafe class ModelExports
{
    [UnmanagedCallersOnly(EntryPoint = "lpom_image_load")]
    public static int Load(byte* path, nint* model) => Border.Run(new LoadCall(path, model));

    [UnmanagedCallersOnly(EntryPoint = "lpom_image_save")]
    public static int Save(nint model, byte* path) => Border.Run(new SaveCall(model, path));

    [UnmanagedCallersOnly(EntryPoint = "lpom_image_free")]
    public static int Free(nint model) => Border.Run(new FreeCall(model));

    [UnmanagedCallersOnly(EntryPoint = "lpom_image_inputs")]
    public static int Inputs(nint model)
    {
        int inputs = 0;
        _ = Border.Run(new WidthsCall(model, &inputs, null));
        return inputs;
    }

    [UnmanagedCallersOnly(EntryPoint = "lpom_image_outputs")]
    public static int Outputs(nint model)
    {
        int outputs = 0;
        _ = Border.Run(new WidthsCall(model, null, &outputs));
        return outputs;
    }

    [UnmanagedCallersOnly(EntryPoint = "lpom_image_predict")]
    public static int Predict(nint model, float* x, int length, float* scores, int room) =>
        Border.Run(new PredictCall(model, x, length, scores, room));

    [UnmanagedCallersOnly(EntryPoint = "lpom_image_predict_batch")]
    public static int PredictBatch(nint model, float* x, int rows, float* scores, int room) =>
        Border.Run(new PredictBatchCall(model, x, rows, scores, room));

    private readonly struct LoadCall(byte* path, nint* model) : ICall
    {
        public Status Run()
        {
            if (model is null)
                return LastError.BadArgument("model is NULL");
            *model = 0;
            if (!FilePath.TryRead(path, out string file))
                return Status.BadArgument;
            if (Directory.Exists(file))
                return LastError.BadFile($"{file} is a folder, expected a model file");
            if (FileKind.IsStream(file))
                return LastError.BadFile($"{file} is no regular file, expected a model file");
            try
            {
                *model = HandleTable.Add(new LoadedModel(Network.Load(file)));
                return Status.Ok;
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return LastError.BadFile($"{file}: no such model file");
            }
            catch (ModelFormatException e)
            {
                return LastError.BadFile(e.Message.StartsWith(file, StringComparison.Ordinal) ? e.Message : $"{file}: {e.Message}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return LastError.BadFile($"{file}: the model cannot be read: {e.Message}");
            }
        }
    }

    private readonly struct SaveCall(nint model, byte* path) : ICall
    {
        private const string OnnxExtension = ".onnx";

        public Status Run()
        {
            if (!HandleTable.TryFind(model, LoadedModel.Name, out LoadedModel? found) || !FilePath.TryRead(path, out string file))
                return Status.BadArgument;
            if (file.EndsWith(OnnxExtension, StringComparison.OrdinalIgnoreCase))
                return LastError.BadArgument($"path: {file} names an ONNX file, models are saved as safetensors; 'lpom export' makes ONNX of them");
            if (Directory.Exists(file))
                return LastError.BadArgument($"path: {file} is a folder, expected a file");
            try
            {
                found.Source.Save(file);
                return Status.Ok;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return LastError.Failed($"{file}: the model cannot be written: {e.Message}");
            }
        }
    }

    private readonly struct FreeCall(nint model) : ICall
    {
        public Status Run() =>
            model == 0 || HandleTable.TryRemove(model, LoadedModel.Name, out LoadedModel? _) ? Status.Ok : Status.BadArgument;
    }

    private readonly struct WidthsCall(nint model, int* inputs, int* outputs) : ICall
    {
        public Status Run()
        {
            if (!HandleTable.TryFind(model, LoadedModel.Name, out LoadedModel? found))
                return Status.BadArgument;
            if (inputs is not null)
                *inputs = found.Network.Inputs;
            if (outputs is not null)
                *outputs = found.Network.Outputs;
            return Status.Ok;
        }
    }

    private readonly struct PredictCall(nint model, float* x, int length, float* scores, int room) : ICall
    {
        public Status Run()
        {
            if (!HandleTable.TryFind(model, LoadedModel.Name, out LoadedModel? found))
                return Status.BadArgument;
            Network network = found.Network;
            if (x is null || scores is null)
                return LastError.BadArgument($"{(x is null ? nameof(x) : nameof(scores))} is NULL");
            if (length != network.Inputs)
                return LastError.BadArgument($"x_len is {length}, the model takes {network.Inputs} values");
            if (room < network.Outputs)
                return LastError.BadArgument($"scores_len is {room}, the model gives {network.Outputs} scores");
            found.Predict(new ReadOnlySpan<float>(x, length), new Span<float>(scores, network.Outputs));
            return Status.Ok;
        }
    }

    private readonly struct PredictBatchCall(nint model, float* x, int rows, float* scores, int room) : ICall
    {
        public Status Run()
        {
            if (!HandleTable.TryFind(model, LoadedModel.Name, out LoadedModel? found))
                return Status.BadArgument;
            if (rows < 0)
                return LastError.BadArgument($"rows is {rows}");
            if (rows == 0)
                return Status.Ok;
            if (x is null || scores is null)
                return LastError.BadArgument($"{(x is null ? nameof(x) : nameof(scores))} is NULL");
            int outputs = found.Network.Outputs;
            if (room < (long)rows * outputs)
                return LastError.BadArgument($"scores_len is {room}, the model gives {outputs} scores for each of {rows} rows");
            found.PredictBatch(x, rows, scores);
            return Status.Ok;
        }
    }
}
