using Lpom.Cli.Terminal;

namespace Lpom.Cli.Training.Display;

/// <summary>What a run's display is about.</summary>
/// <param name="Epochs">At least 1.</param>
/// <param name="StepsPerEpoch">At least 1.</param>
/// <param name="Layers">Of the network.</param>
/// <param name="ResidualName">What the method's residuals are.</param>
internal readonly record struct RunShape(int Epochs, int StepsPerEpoch, int Layers, string ResidualName)
{
    public long Steps => (long)Epochs * StepsPerEpoch;
}

/// <summary>
/// Draws where a run is: a bar, the figures, every layer's residual over the run. Takes in steps and draws without allocating.
/// </summary>
/// <param name="block">Where to.</param>
/// <param name="glyphs">With what.</param>
/// <param name="shape">Of the run.</param>
/// <param name="stepsDone">Before it begins.</param>
internal sealed class RunPicture(LiveBlock block, Glyphs glyphs, RunShape shape, int stepsDone)
{
    private const int LeastBar = 8, MostBar = 60, LeastCurve = 4, MostCurve = 32, TextCapacity = 128;
    private const double MostSeconds = 100 * 365 * 86400.0;
    private const string Colour = "\e[36m", Faint = "\e[2m", Gap = "  ";

    private readonly TextBuffer _text = new(TextCapacity);
    private readonly TextBuffer _step = new(TextCapacity);
    private readonly TextBuffer _rate = new(TextCapacity);
    private readonly TextBuffer _left = new(TextCapacity);
    private readonly ResidualHistory _residuals = new(shape.Layers);
    private readonly Pace _pace = new();
    private int _stepsDone = stepsDone;
    private long _rows;
    private double _loss, _objective;
    private string _scores = "";

    /// <summary>Takes in a step that ends now.</summary>
    /// <param name="loss">Per sample.</param>
    /// <param name="objective">Per sample.</param>
    /// <param name="residuals">By layer.</param>
    /// <param name="rows">Of the step.</param>
    /// <param name="done">Steps of the run, with this one.</param>
    /// <param name="now">A time stamp.</param>
    public void Step(double loss, double objective, ReadOnlySpan<double> residuals, int rows, int done, long now)
    {
        if (done != _stepsDone + 1 || (done - 1) % shape.StepsPerEpoch == 0)
            (_rows, _loss, _objective) = (0, 0, 0);
        _stepsDone = done;
        _rows += rows;
        _loss += loss * rows;
        _objective += objective * rows;
        _residuals.Add(residuals);
        _pace.Step(rows, now);
    }

    /// <summary>Takes in the figures of an epoch that is measured now.</summary>
    public void Epoch(string scores, long now)
    {
        _scores = scores;
        _pace.Pause(now);
    }

    /// <summary>Draws a frame.</summary>
    /// <param name="now">A time stamp.</param>
    /// <param name="message">A line that stays above; null for none.</param>
    public void Draw(long now, string? message = null)
    {
        _pace.Update();
        block.Begin(message);
        DrawBar(now);
        if (_rows > 0)
        {
            DrawFigures();
            DrawResiduals();
        }

        block.Show();
    }

    private static int Digits(long number) => number < 10 ? 1 : 1 + Digits(number / 10);

    // When there is little room the step is left out, then the rate, then the bar.
    private void DrawBar(long now)
    {
        if (!block.BeginLine())
            return;
        WriteParts(now);
        int bar = block.Columns - _text.Length - _step.Length - _left.Length - _rate.Length - (2 * Gap.Length);
        if (bar < LeastBar)
        {
            bar += _step.Length;
            _step.Clear();
        }

        if (bar < LeastBar)
        {
            bar += _rate.Length;
            _rate.Clear();
        }

        block.Append(_text.Text);
        block.Append(_step.Text);
        block.Append(Gap);
        if (bar > 0)
            DrawBar(Math.Min(bar, MostBar));
        block.Append(_left.Text);
        block.Append(_rate.Text);
    }

    private void WriteParts(long now)
    {
        int epoch = Math.Max(0, _stepsDone - 1) / shape.StepsPerEpoch;
        _text.Clear().Add("epoch ").Add(epoch + 1, Digits(shape.Epochs)).Add('/').Add(shape.Epochs);
        _step.Clear().Add("  step ").Add(_stepsDone - ((long)epoch * shape.StepsPerEpoch), Digits(shape.StepsPerEpoch)).Add('/').Add(shape.StepsPerEpoch);
        _left.Clear().Add(100L * _stepsDone / shape.Steps, 3).Add(" %");
        WriteTimeLeft(now);
        WriteRate();
    }

    private void WriteTimeLeft(long now)
    {
        if (_pace.SecondsFor(shape.Steps - _stepsDone, now) is not double seconds)
            return;
        _left.Add(Gap).AddTime((long)Math.Min(Math.Ceiling(seconds), MostSeconds)).Add(" left");
    }

    private void WriteRate()
    {
        _rate.Clear();
        if (_pace.SamplesPerSecond is double rate and > 0)
            _rate.Add(Gap).AddLarge(rate).Add(" samples/s");
    }

    private void DrawBar(int cells)
    {
        int done = (int)(_stepsDone * (long)cells / shape.Steps);
        block.Style(Colour);
        Repeat(glyphs.Done, done);
        block.EndStyle();
        block.Style(Faint);
        Repeat(glyphs.Left, cells - done);
        block.EndStyle();
        block.Append(Gap);
    }

    private void Repeat(char glyph, int count)
    {
        Span<char> cells = stackalloc char[MostBar];
        cells[..count].Fill(glyph);
        block.Append(cells[..count]);
    }

    private void DrawFigures()
    {
        if (!block.BeginLine())
            return;
        block.Append(_text.Clear().Add("loss ").AddFigure(_loss / _rows).Add("  objective ").AddFigure(_objective / _rows).Text);
        block.Append(_scores);
    }

    private void DrawResiduals()
    {
        if (!block.BeginLine())
            return;
        block.Append(shape.ResidualName);
        // A layer's number, its figure, its curve.
        int number = Digits(shape.Layers);
        int curve = ((block.Columns - shape.ResidualName.Length) / shape.Layers) - (Gap.Length + number + 1 + TextBuffer.FigureWidth + 1);
        if (curve < LeastCurve)
        {
            DrawProfile();
            return;
        }

        for (int layer = 0; layer < shape.Layers; layer++)
        {
            block.Append(_text.Clear().Add(Gap).Add(layer + 1, number).Add(' ').AddFigure(_residuals.Last[layer]).Add(' ').Text);
            DrawCurve(layer, Math.Min(curve, MostCurve));
        }
    }

    private void DrawCurve(int layer, int cells)
    {
        Span<double> parts = stackalloc double[MostCurve];
        parts = parts[..cells];
        _residuals.CopyTo(parts, layer);
        DrawLevels(parts);
    }

    // More layers than curves have room: a cell for each layer, of the last step.
    private void DrawProfile()
    {
        ReadOnlySpan<double> last = _residuals.Last;
        int highest = 0;
        for (int i = 1; i < last.Length; i++)
        {
            if (last[i] > last[highest])
                highest = i;
        }

        block.Append(_text.Clear().Add(" up to ").AddFigure(last[highest]).Add(" (layer ").Add(highest + 1).Add("), by layer ").Text);
        DrawLevels(last);
    }

    // A curve that hardly changes is not blown up to the full height: that has a factor of four at least.
    private void DrawLevels(ReadOnlySpan<double> values)
    {
        const double LeastRange = 4, MostRange = 1e4;
        double least = double.PositiveInfinity, most = 1e-30;
        foreach (double value in values)
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
        least = Math.Clamp(least, most / MostRange, most / LeastRange);
        block.Style(Colour);
        foreach (double value in values)
            block.Append([glyphs.Level(value, least, most)]);
        block.EndStyle();
    }
}
