using System.Globalization;

namespace Lpom.Data;

/// <summary>
/// Reads the dictionary of an NPY header, such as <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), }</c>: the
/// three keys, each once, in any order. Nothing of Python beyond that.
/// </summary>
/// <param name="text">The dictionary, followed by white space.</param>
/// <param name="path">What errors call the file.</param>
/// <param name="offset">Where the dictionary starts in it, for errors.</param>
internal ref struct NpyHeaderParser(ReadOnlySpan<byte> text, string path, long offset)
{
    private const int MaxNumbers = 1000;

    private readonly ReadOnlySpan<byte> _text = text;
    private int _at;
    private NpyType? _type;
    private bool? _isFortranOrder;
    private List<long>? _shape;

    /// <exception cref="DataFormatException">With the byte and what was expected there.</exception>
    public NpyHeader Parse()
    {
        Expect('{');
        while (!Skips('}'))
        {
            ParseItem();
            if (Skips(','))
                continue;
            Expect('}');
            break;
        }

        SkipSpace();
        if (_at < _text.Length)
            throw Unexpected("the end of the header");
        if (_type is not NpyType type)
            throw Error("has no 'descr'");
        if (_isFortranOrder is not bool isFortranOrder)
            throw Error("has no 'fortran_order'");
        return new NpyHeader(type, isFortranOrder, _shape ?? throw Error("has no 'shape'"));
    }

    private void ParseItem()
    {
        SkipSpace();
        int start = _at;
        ReadOnlySpan<byte> key = Quoted("a key");
        bool isTwice = key switch
        {
            _ when key.SequenceEqual("descr"u8) => _type is not null,
            _ when key.SequenceEqual("fortran_order"u8) => _isFortranOrder is not null,
            _ when key.SequenceEqual("shape"u8) => _shape is not null,
            _ => throw Error($"has the unknown key '{CsvRowReader.Printable(key)}'; expected 'descr', 'fortran_order' and 'shape'", start),
        };
        if (isTwice)
            throw Error($"has the key '{CsvRowReader.Printable(key)}' twice", start);
        Expect(':');
        SkipSpace();
        switch (key[0])
        {
            case (byte)'d': _type = Type(); break;
            case (byte)'f': _isFortranOrder = Boolean(); break;
            default: _shape = Tuple(); break;
        }
    }

    private NpyType Type()
    {
        int start = _at;
        if (_at < _text.Length && _text[_at] == '[')
            throw Error($"has a structured type; {NpyType.Expected}", start);
        ReadOnlySpan<byte> descr = Quoted("a type, such as '<f4'");
        return NpyType.Parse(descr) ?? throw Error($"has values of type {NpyType.Quote(descr)}; {NpyType.Expected}", start);
    }

    private bool Boolean()
    {
        foreach (bool value in (ReadOnlySpan<bool>)[true, false])
        {
            ReadOnlySpan<byte> name = value ? "True"u8 : "False"u8;
            if (!_text[_at..].StartsWith(name))
                continue;
            _at += name.Length;
            return value;
        }

        throw Unexpected("True or False");
    }

    private List<long> Tuple()
    {
        var numbers = new List<long>();
        Expect('(');
        while (!Skips(')'))
        {
            if (numbers.Count == MaxNumbers)
                throw Error($"has more than {MaxNumbers} dimensions");
            numbers.Add(Number());
            if (Skips(','))
                continue;
            // In Python (3) is a number in brackets.
            if (numbers.Count == 1)
                throw Unexpected("','");
            Expect(')');
            break;
        }

        return numbers;
    }

    private long Number()
    {
        SkipSpace();
        int start = _at;
        while (_at < _text.Length && char.IsAsciiDigit((char)_text[_at]))
            _at++;
        if (_at == start)
            throw Unexpected("a whole number");
        if (!long.TryParse(_text[start.._at], NumberStyles.None, CultureInfo.InvariantCulture, out long number))
            throw Error($"has a dimension of {CsvRowReader.Printable(_text[start.._at])}; expected at most {long.MaxValue}", start);
        // Python 2 wrote 3L.
        if (_at < _text.Length && _text[_at] == 'L')
            _at++;
        return number;
    }

    private ReadOnlySpan<byte> Quoted(string what)
    {
        if (_at >= _text.Length || _text[_at] is not ((byte)'\'' or (byte)'"'))
            throw Unexpected($"{what} in quotes");
        int length = _text[(_at + 1)..].IndexOf(_text[_at]);
        if (length < 0)
            throw Error("has a text without its closing quote", _at);
        ReadOnlySpan<byte> quoted = _text.Slice(_at + 1, length);
        _at += length + 2;
        return quoted;
    }

    private void Expect(char mark)
    {
        if (!Skips(mark))
            throw Unexpected($"'{mark}'");
    }

    private bool Skips(char mark)
    {
        SkipSpace();
        if (_at >= _text.Length || _text[_at] != mark)
            return false;
        _at++;
        return true;
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\n' or (byte)'\t' or (byte)'\r')
            _at++;
    }

    private readonly DataFormatException Unexpected(string expected)
    {
        string found = _at < _text.Length ? $"'{CsvRowReader.Printable(_text.Slice(_at, 1))}'" : "the end";
        return Error($"has {found}; expected {expected}", _at);
    }

    private readonly DataFormatException Error(string problem, int? at = null) =>
        new(path, $"the NPY header {problem}{(at is int place ? $" (byte {offset + place})" : "")}.");
}
