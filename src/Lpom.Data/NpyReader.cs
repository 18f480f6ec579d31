namespace Lpom.Data;

/// <summary>
/// Reads data sets of numpy's arrays: an NPZ file or a folder of NPY files with inputs and classes by name, or one NPY table
/// whose last column is the class, as in CSV.
/// </summary>
/// <remarks>
/// <para>Names, in upper or lower case: x_train and y_train, x_test and y_test (Keras); train_images, train_labels,
/// test_images, test_labels; or, without a test part, x and y, data and target, images and labels. A set with one part is
/// divided by <see cref="StratifiedSplit"/>.</para>
/// <para>The first index counts the rows; the others, flattened in C order, are a row's inputs. Classes are integers, one a
/// row; numbers, where <see cref="TargetRule"/> or the request says so, may be several. Inputs of uint8 with three dimensions or more are images: raw / 255. All else: raw / (largest absolute value of the
/// training part), as from CSV.</para>
/// <para>Nothing large is allocated before a header is checked against the length of its file or member.</para>
/// </remarks>
public static class NpyReader
{
    /// <summary>Reads one NPY file, plain or .gz, of two dimensions: a row's inputs, then its class.</summary>
    /// <param name="path">The file.</param>
    /// <param name="request">What is asked of it; null: the classes, in numerical order, or numbers of the last column.</param>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">Not an NPY file, not a table of numbers, truncated, or bytes left over; a value that is not finite, or no class: with its index; more classes than a file of its size may have.</exception>
    public static Dataset ReadTable(string path, DataRequest? request = null)
    {
        using NpyArray table = NpyArray.Open(SourceFile.Open(path));
        if (table.Header.Shape.Count != 2 || table.RowLength < 2)
            throw new DataFormatException(path, $"is {table.Header.Description}; expected a table whose last column is the class. Inputs and classes apart go into an NPZ file: np.savez(FILE, x=…, y=…).");
        var column = new TargetColumn(table);
        RowStorage rows = ReadFeatures(table, column);
        RowTargets targets = column.ToTargets(request ?? new DataRequest(), "the last column", " in the last column");
        return Dataset.DividedByRule(CsvReader.NameOf(path), rows, targets, Preprocessing.Identity, shape: null).WithUnitRange();
    }

    /// <summary>Reads an NPZ file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="request">What is asked of it; null: its classes, in numerical order, or numbers.</param>
    /// <exception cref="DataNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">Not an NPZ file, damaged, without arrays of known names, or with arrays that do not fit each other; as well as all that is wrong with an NPY file.</exception>
    public static Dataset ReadArchive(string path, DataRequest? request = null)
    {
        using NpzArchive archive = NpzArchive.Open(path);
        return Read(archive, CsvReader.NameOf(path), request ?? new DataRequest());
    }

    /// <summary>Reads the arrays of an archive or folder.</summary>
    internal static Dataset Read(ArraySet arrays, string name, DataRequest request)
    {
        (string Inputs, string Labels)[] parts = ArrayNames.Parts(arrays);
        bool hasTest = parts.Length > 1;
        using NpyArray inputs = NpyArray.Open(arrays.OpenArray(parts[0].Inputs)), labels = NpyArray.Open(arrays.OpenArray(parts[0].Labels));
        using NpyArray? testInputs = hasTest ? NpyArray.Open(arrays.OpenArray(parts[1].Inputs)) : null;
        using NpyArray? testLabels = hasTest ? NpyArray.Open(arrays.OpenArray(parts[1].Labels)) : null;
        CheckShapes(inputs, testInputs);
        RowTargets targets = TargetColumn.Read(labels, inputs, request);
        if (hasTest)
            targets = targets.With(TargetColumn.Read(testLabels!, testInputs!, AsTraining(request, targets)));

        RowStorage rows = ReadRows(inputs, testInputs);
        bool isImages = IsImages(inputs) && (testInputs is null || IsImages(testInputs));
        Preprocessing preprocessing = isImages ? Preprocessing.UnitPixels : Preprocessing.Identity;
        ImageShape? shape = isImages ? ShapeOf(inputs.Header.Shape) : null;
        Dataset data = hasTest
            ? Dataset.WithOwnTest(name, rows, targets, inputs.Rows, preprocessing, shape)
            : Dataset.DividedByRule(name, rows, targets, preprocessing, shape);
        return isImages ? data : data.WithUnitRange();
    }

    private static DataRequest AsTraining(DataRequest request, RowTargets training) =>
        request with { Kind = training.Kind, ClassNames = training.Kind == TargetKind.Classes ? training.Names : null };

    private static RowStorage ReadFeatures(NpyArray table, TargetColumn targets)
    {
        int features = table.RowLength - 1;
        int length = table.Rows * features;
        if (table.Header.Type.FitsBytes)
        {
            byte[] bytes = GC.AllocateUninitializedArray<byte>(length);
            table.ReadValues<double>((row, column, value) =>
            {
                if (column == features)
                    targets.Put(row, column, value);
                else
                    bytes[row * features + column] = (byte)value;
            });
            return new ByteRows(bytes, features);
        }

        float[] floats = GC.AllocateUninitializedArray<float>(length);
        table.ReadValues<double>((row, column, value) =>
        {
            if (column == features)
                targets.Put(row, column, value);
            else
                floats[row * features + column] = table.Finite(row, column, (float)value);
        });
        return new FloatRows(floats, features);
    }

    private static RowStorage ReadRows(NpyArray inputs, NpyArray? testInputs)
    {
        long length = ((long)inputs.Rows + (testInputs?.Rows ?? 0)) * inputs.RowLength;
        if (length > Array.MaxLength)
            throw new DataFormatException(inputs.Path, $"training and test rows have {length} values together; expected at most {Array.MaxLength}.");
        int split = inputs.Rows * inputs.RowLength;
        if (inputs.Header.Type.FitsBytes && (testInputs is null || testInputs.Header.Type.FitsBytes))
        {
            byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
            inputs.ReadBytes(bytes, 0);
            testInputs?.ReadBytes(bytes, split);
            return new ByteRows(bytes, inputs.RowLength);
        }

        float[] floats = GC.AllocateUninitializedArray<float>((int)length);
        inputs.ReadFloats(floats, 0);
        testInputs?.ReadFloats(floats, split);
        return new FloatRows(floats, inputs.RowLength);
    }

    private static void CheckShapes(NpyArray inputs, NpyArray? testInputs)
    {
        if (testInputs is not null && !testInputs.Header.Shape.Skip(1).SequenceEqual(inputs.Header.Shape.Skip(1)))
            throw new DataFormatException(testInputs.Path, $"is {testInputs.Header.Description}, but {inputs.Path} is {inputs.Header.Description}; expected rows of the same shape.");
    }

    private static bool IsImages(NpyArray inputs) => inputs.Header.Type == NpyType.UInt8 && inputs.Header.Shape.Count >= 3;

    /// <summary>Grey images, or those with the channels first; null for those with the channels last, and for what is no image.</summary>
    private static ImageShape? ShapeOf(IReadOnlyList<long> shape) => shape switch
    {
        [_, long height, long width] => new ImageShape(1, (int)height, (int)width),
        [_, long height, long width, 1] => new ImageShape(1, (int)height, (int)width),
        [_, (1 or 3) and long channels, long height, long width] => new ImageShape((int)channels, (int)height, (int)width),
        _ => null,
    };
}
