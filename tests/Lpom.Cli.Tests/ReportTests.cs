using System.Globalization;
using System.Text.Json;
using Lpom.Cli.Tests.Support;

namespace Lpom.Cli.Tests;

public sealed class ReportTests : IDisposable
{
    private const string Page = "run.html";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_training_has_curves_mistakes_weights_and_what_is_needed_to_do_it_again()
    {
        // Alone: a report names the process's own command line.
        Assert.Equal(0, LpomProcess.RunAlone(_folder.FullName, "train", "--epochs", "4", "--validation", "200", "--report", Page, "--quiet").ExitCode);
        JsonElement report = Report();
        Assert.Equal(("Training on digits", "train"), (report.GetProperty("title").GetString(), report.GetProperty("kind").GetString()));
        Assert.Equal(["Accuracy", "Loss and objective", "Residual of each layer: root mean square of φ(WX) less the activation", "Size of each layer's weights, ‖W‖"], report.GetProperty("charts").EnumerateArray().Select(Title));
        JsonElement accuracy = report.GetProperty("charts")[0];
        Assert.Equal(["test", "validation", "training"], accuracy.GetProperty("series").EnumerateArray().Select(series => series.GetProperty("name").GetString()));
        Assert.All(accuracy.GetProperty("series").EnumerateArray(), series => Assert.Equal((4, 4, 4), (series.GetProperty("y").GetArrayLength(), series.GetProperty("x")[0].GetArrayLength(), series.GetProperty("x")[1].GetArrayLength())));
        Assert.Equal(355, report.GetProperty("confusion").GetProperty("counts").EnumerateArray().Sum(row => row.EnumerateArray().Sum(count => count.GetInt32())));
        Assert.Equal(["Most confused images", "Sample predictions", "Weights of the first layer"], report.GetProperty("images").EnumerateArray().Select(Title));
        Assert.Contains(report.GetProperty("facts").EnumerateArray(), fact => fact[0].GetString() == "Command" && fact[1].GetString() == "lpom train --epochs 4 --validation 200 --report run.html --quiet");
        Assert.Contains(report.GetProperty("facts").EnumerateArray(), fact => fact[0].GetString() == "Data digest");
    }

    [Fact]
    public void A_comparison_of_four_methods_over_twenty_epochs_is_small_and_fetches_nothing()
    {
        Assert.Equal(0, Run("compare", "--epochs", "20", "--seeds", "2", "--report", Page, "--quiet").ExitCode);
        string page = File.ReadAllText(_folder[Page]);
        Assert.InRange(page.Length, 50_000, 400_000);
        Assert.DoesNotContain(" src=\"http", page);
        Assert.DoesNotContain("@import", page);
        JsonElement test = Report().GetProperty("charts")[0];
        Assert.Equal(["lpom", "sgd", "adam", "lpom-paper"], test.GetProperty("series").EnumerateArray().Select(series => series.GetProperty("name").GetString()));
        Assert.All(test.GetProperty("series").EnumerateArray(), series => Assert.Equal(20, series.GetProperty("low").GetArrayLength()));
    }

    [Fact]
    public void Names_from_a_file_stay_text()
    {
        File.WriteAllLines(_folder["rows.csv"], ["x,</script><b>{{script}}", .. Enumerable.Range(0, 60).Select(i => $"{i % 7},{(i % 2 == 0 ? "</script><script>alert(1)</script>" : "{{data}}")}")]);
        Assert.Equal(0, Run("train", "--data", "rows.csv", "--epochs", "1", "--report", Page, "--quiet").ExitCode);
        Assert.Contains("{{data}}", Report().GetProperty("confusion").GetProperty("classes").EnumerateArray().Select(name => name.GetString()));
        Assert.DoesNotContain("<script>alert", File.ReadAllText(_folder[Page]));
    }

    [Fact]
    public void A_number_an_autoencoder_and_an_evaluation_have_their_own()
    {
        File.WriteAllLines(_folder["rows.csv"], ["x,price", .. Enumerable.Range(0, 90).Select(i => FormattableString.Invariant($"{i},{i * 1.5}"))]);
        Assert.Equal(0, Run("train", "--data", "rows.csv", "--epochs", "2", "--report", Page, "--quiet").ExitCode);
        Assert.Contains("price predicted, against price in the data", Report().GetProperty("charts").EnumerateArray().Select(Title));
        Assert.Equal(0, Run("train", "--task", "autoencode", "--layers", "9", "--epochs", "1", "--report", Page, "--quiet").ExitCode);
        Assert.Equal("Reconstructions", Title(Report().GetProperty("images")[0]));
        Assert.Equal(0, Run("train", "--epochs", "1", "--quiet").ExitCode);
        Assert.Equal(0, Run("eval", "model.safetensors", "--report", Page).ExitCode);
        Assert.Equal(("eval", "model.safetensors on digits"), (Report().GetProperty("kind").GetString(), Title(Report())));
    }

    [Fact]
    public void What_is_no_report_is_not_overwritten()
    {
        File.WriteAllText(_folder["thesis.txt"], "mine");
        Assert.Contains("not overwritten", Run("train", "--report", "thesis.txt").AssertBadInput());
        Assert.Contains("no folder", Run("train", "--report", "no/such/run.html").AssertBadInput());
        Assert.Contains("is a folder", Run("train", "--report", ".").AssertBadInput());
    }

    [FactWith("chromium")]
    public void In_a_browser_charts_react_and_nothing_is_fetched_or_broken()
    {
        Assert.Equal(0, Run("train", "--epochs", "12", "--report", Page, "--quiet").ExitCode);
        using Browser browser = Browser.Open(_folder[Page]);
        foreach ((int width, string scheme) in new[] { (390, "dark"), (1280, "light") })
        {
            browser.Resize(width, 900);
            browser.PreferColours(scheme);
            browser.Until("document.querySelectorAll('.chart canvas').length >= 4");
            Assert.True(browser.Evaluate("document.documentElement.scrollWidth <= innerWidth").GetBoolean(), $"the page scrolls sideways at {width}");
        }

        double[] plot = [.. browser.Evaluate("(() => { const o = document.querySelector('.chart .u-over'); o.scrollIntoView({block: 'center'}); const r = o.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()").EnumerateArray().Select(n => n.GetDouble())];
        browser.Drag(plot[0] + (0.3 * plot[2]), plot[0] + (0.6 * plot[2]), plot[1] + (plot[3] / 2));
        browser.Until("document.querySelector('.chart').dataset.zoom");
        double[] zoom = [.. browser.Evaluate("document.querySelector('.chart').dataset.zoom").GetString()!.Split(',').Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
        Assert.InRange(zoom[0], 3, 6);
        Assert.InRange(zoom[1], 6, 9);
        Assert.Equal(browser.Evaluate("document.querySelector('.chart').dataset.zoom").GetString(), browser.Evaluate("document.querySelectorAll('.chart')[1].dataset.zoom").GetString());
        browser.Evaluate("document.querySelector('.chart .series-toggle').click()");
        Assert.Equal("false", browser.Evaluate("document.querySelector('.chart .series-toggle').getAttribute('aria-pressed')").GetString());
        browser.Evaluate("document.querySelector('[data-axis=\"1\"]').click()");
        browser.Until("!document.querySelector('.chart').dataset.zoom");
        Assert.Empty(browser.Errors);
        Assert.Empty(browser.Requests);
    }

    private static string Title(JsonElement part) => part.GetProperty("title").GetString()!;

    private JsonElement Report() => ReportFile.Read(_folder[Page]);

    private Ran Run(params string[] arguments) => LpomProcess.Run(_folder.FullName, arguments);
}
