using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Lpom.Native;

/// <summary>The functions of lpom.h about trainers: what the arguments are, is said there.</summary>
internal static unsafe class TrainerExports
{
    [UnmanagedCallersOnly(EntryPoint = "lpom_image_trainer_create")]
    public static int Create(nint model, nint* trainer) => Border.Run(new CreateCall(model, trainer));

    [UnmanagedCallersOnly(EntryPoint = "lpom_image_train_step")]
    public static int Step(nint trainer, float* x, int* labels, int rows) => Border.Run(new StepCall(trainer, x, labels, rows));

    [UnmanagedCallersOnly(EntryPoint = "lpom_image_trainer_model")]
    public static int Model(nint trainer, nint* model) => Border.Run(new ModelCall(trainer, model));

    [UnmanagedCallersOnly(EntryPoint = "lpom_image_trainer_free")]
    public static int Free(nint trainer) => Border.Run(new FreeCall(trainer));

    private readonly struct CreateCall(nint model, nint* trainer) : ICall
    {
        public Status Run()
        {
            if (trainer is null)
                return LastError.BadArgument("trainer is NULL");
            *trainer = 0;
            if (!HandleTable.TryFind(model, LoadedModel.Name, out LoadedModel? found))
                return Status.BadArgument;
            if (!ModelTrainer.CanTrain(found.Network))
                return LastError.BadArgument($"model: its output layer must be linear to be trained, not {found.Network.Layers[^1].Activation.Name}");
            *trainer = HandleTable.Add(new ModelTrainer(found.Network));
            return Status.Ok;
        }
    }

    private readonly struct StepCall(nint trainer, float* x, int* labels, int rows) : ICall
    {
        public Status Run()
        {
            if (!HandleTable.TryFind(trainer, ModelTrainer.Name, out ModelTrainer? found))
                return Status.BadArgument;
            if (rows < 0)
                return LastError.BadArgument($"rows is {rows}");
            if (rows == 0)
                return Status.Ok;
            if (x is null || labels is null)
                return LastError.BadArgument($"{(x is null ? nameof(x) : nameof(labels))} is NULL");
            for (int row = 0; row < rows; row++)
            {
                if ((uint)labels[row] >= (uint)found.Outputs)
                    return LastError.BadArgument($"label {labels[row]} of row {row} is outside of 0…{found.Outputs - 1}");
                if (!TensorPrimitives.IsFiniteAll(new ReadOnlySpan<float>(x + ((nint)row * found.Inputs), found.Inputs)))
                    return LastError.BadArgument($"row {row} of x holds a value that is not finite");
            }

            return found.Step(x, labels, rows);
        }
    }

    private readonly struct ModelCall(nint trainer, nint* model) : ICall
    {
        public Status Run()
        {
            if (model is null)
                return LastError.BadArgument("model is NULL");
            *model = 0;
            if (!HandleTable.TryFind(trainer, ModelTrainer.Name, out ModelTrainer? found))
                return Status.BadArgument;
            *model = HandleTable.Add(new LoadedModel(found.Snapshot()));
            return Status.Ok;
        }
    }

    private readonly struct FreeCall(nint trainer) : ICall
    {
        public Status Run()
        {
            if (trainer == 0)
                return Status.Ok;
            if (!HandleTable.TryRemove(trainer, ModelTrainer.Name, out ModelTrainer? removed))
                return Status.BadArgument;
            removed.Dispose();
            return Status.Ok;
        }
    }
}
