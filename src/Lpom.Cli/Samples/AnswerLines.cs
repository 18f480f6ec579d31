using System.Numerics.Tensors;
using System.Text.Json;
using Lpom.Cli.Terminal;
using Lpom.Data;

namespace Lpom.Cli.Samples;

/// <summary>
/// A line for every sample, in the order of the samples: the class and its score, the values of an autoencoder or a regression, or a JSON object; for
/// a sample that was skipped an empty line, or an object of nulls. Allocates nothing per line.
/// </summary>
internal sealed class AnswerLines
{
    private readonly Output _output;
    private readonly bool _isJson;
    private readonly bool _isReconstruction;
    private readonly bool _areValues;
    private readonly Preprocessing _preprocessing;
    private readonly IReadOnlyList<string>? _classNames;
    private readonly string[] _printedNames;
    private readonly float[] _scores;
    private long _index;

    /// <param name="output">Where the lines go.</param>
    /// <param name="isJson">JSON objects, else text.</param>
    /// <param name="record">Of the model.</param>
    /// <param name="outputs">Scores of a sample.</param>
    public AnswerLines(Output output, bool isJson, ModelRecord record, int outputs)
    {
        _output = output;
        _isJson = isJson;
        _isReconstruction = record.Task == LearningTask.Autoencode;
        _areValues = record.Task != LearningTask.Classify;
        _preprocessing = record.Preprocessing ?? Preprocessing.Identity;
        _classNames = record.ClassNames;
        _printedNames = [.. Enumerable.Range(0, outputs).Select(label => Printable.Of(_classNames?[label] ?? FormattableString.Invariant($"{label}")))];
        _scores = new float[outputs];
    }

    /// <summary>Writes the answer to the next sample; false, and nothing is written, when it has a value that is not finite.</summary>
    public bool TryWrite(ReadOnlySpan<float> scores)
    {
        scores.CopyTo(_scores);
        if (_isReconstruction)
            _preprocessing.Undo(_scores);
        if (!TensorPrimitives.IsFiniteAll(_scores))
            return false;
        if (_isJson)
            _output.Json(this, static (json, answer) => answer.WriteAnswer(json));
        else
            WriteText();
        _index++;
        return true;
    }

    /// <summary>Writes that the next sample was skipped.</summary>
    public void WriteSkipped(string problem)
    {
        if (_isJson)
            _output.Json((Answer: this, problem), static (json, skipped) => skipped.Answer.WriteNulls(json, skipped.problem));
        else
            _output.Line("");
        _index++;
    }

    public void Flush() => _output.Flush();

    private void WriteText()
    {
        if (_areValues)
        {
            for (int i = 0; i < _scores.Length; i++)
            {
                if (i > 0)
                    _output.Append(",");
                _output.Append(_scores[i]);
            }
        }
        else
        {
            int best = Evaluation.Best(_scores);
            _output.Append(_printedNames[best]);
            _output.Append("\t");
            _output.Append(_scores[best]);
        }

        _output.EndLine();
    }

    private void WriteAnswer(Utf8JsonWriter json)
    {
        json.WriteNumber("index", _index);
        if (!_areValues)
        {
            int best = Evaluation.Best(_scores);
            json.WriteNumber("label", best);
            if (_classNames is not null)
                json.WriteString("class", _classNames[best]);
        }

        json.WriteStartArray(ScoresKey);
        foreach (float score in _scores)
            json.WriteNumberValue(score);
        json.WriteEndArray();
    }

    /// <summary>The keys of an answer, so that a program that reads them finds them.</summary>
    private void WriteNulls(Utf8JsonWriter json, string problem)
    {
        json.WriteNumber("index", _index);
        if (!_areValues)
        {
            json.WriteNull("label");
            if (_classNames is not null)
                json.WriteNull("class");
        }

        json.WriteNull(ScoresKey);
        json.WriteString("error", problem);
    }

    private string ScoresKey => _areValues ? "values" : "scores";
}
