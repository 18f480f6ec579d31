namespace Lpom.Data;

/// <summary>
/// The built-in data set <c>digits</c>: 1,797 images 8×8 of the UCI data set Optical Recognition of Handwritten Digits
/// (E. Alpaydin and C. Kaynak, CC BY 4.0; Builtin/ATTRIBUTION.md).
/// </summary>
public static class BuiltinDigits
{
    /// <summary>Its name.</summary>
    public const string Name = "digits";

    /// <summary>Values of a row.</summary>
    public const int Features = Side * Side;

    /// <summary>Digits.</summary>
    public const int Classes = 10;

    private const string Resource = "Lpom.Data.digits.csv.gz";
    private const int Side = 8;
    private const float LargestValue = 16;

    /// <summary>Loads the set: inputs are raw / 16, in [0, 1]; divided by <see cref="StratifiedSplit"/> into 1,442 and 355 rows.</summary>
    /// <param name="classNames">Null: the digits. Else those of a model, as in <see cref="DataRequest.ClassNames"/>.</param>
    public static Dataset Load(IReadOnlyList<string>? classNames = null)
    {
        Dataset data = CsvReader.Read(Open, Name, new DataRequest { ClassNames = classNames });
        return data.WithPreprocessing(new Preprocessing(1f / LargestValue, 0f)).WithShape(new ImageShape(1, Side, Side));
    }

    private static SourceFile Open()
    {
        Stream stream = typeof(BuiltinDigits).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly lacks its resource {Resource}.");
        return SourceFile.FromStream(stream, "built-in digits.csv.gz");
    }
}
