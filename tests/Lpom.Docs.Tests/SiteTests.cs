namespace Lpom.Docs.Tests;

/// <summary>The site of this repository, and what is wrong in others.</summary>
public sealed class SiteTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_site_is_made_with_all_commands_and_all_public_types()
    {
        Site.Build(TestedProgram.Root, _folder.FullName);
        string options = File.ReadAllText(_folder["options.html"]), api = File.ReadAllText(_folder["api.html"]);
        Assert.All((string[])["lpom-train--checkpoint-every", "lpom-bench-latency--precision", "lpom-data-list", "exit-codes"], id => Assert.Contains($"id=\"{id}\"", options));
        foreach (Type type in typeof(Simd.Model.Network).Assembly.GetExportedTypes().Concat(typeof(Data.Dataset).Assembly.GetExportedTypes()))
            Assert.Contains($"<code>{Api.CodeText.Name(type).Replace("<", "&lt;").Replace(">", "&gt;")}</code>", api);
        Assert.Contains("<dt><code>maxBatch</code></dt>", File.ReadAllText(_folder["api/Lpom.Simd.Model.Workspace.html"]));
        Assert.True(File.Exists(_folder["stages.svg"]));
        Assert.DoesNotContain("<script", options);
    }

    [Theory]
    [InlineData("[text](nowhere.md)", "docs/page.md: link to 'nowhere.md': no such file")]
    [InlineData("[text](index.md#nowhere)", "docs/page.md: link to 'index.html#nowhere': no such anchor")]
    [InlineData("[text](#nowhere)", "docs/page.md: link to '#nowhere': no such anchor")]
    [InlineData("![picture](nowhere.svg)", "docs/page.md: link to 'nowhere.svg': no such file")]
    [InlineData("[text](../../outside)", "docs/page.md: link to '../../outside': no such file")]
    public void A_link_that_leads_nowhere_is_an_error(string text, string problem)
    {
        Write("docs/index.md", "# Index\n\n## Pages\n\n- [Page](page.md)\n");
        Write("docs/page.md", $"# Page\n\n{text}\n");
        Assert.Equal([problem], Assert.Throws<SiteException>(() => Site.Build(_folder["repository"], _folder["site"])).Problems);
        Assert.False(Directory.Exists(_folder["site"]));
    }

    [Fact]
    public void A_page_that_the_index_does_not_have_is_an_error()
    {
        Write("docs/index.md", "# Index\n");
        Write("docs/page.md", "# Page\n");
        Assert.Equal(["docs/index.md: no link to docs/page.md"], Assert.Throws<SiteException>(() => Site.Build(_folder["repository"], _folder["site"])).Problems);
    }

    [Fact]
    public void Links_to_sources_lead_to_pages_of_them()
    {
        Write("docs/index.md", "# Index\n\n## Pages\n\n- [Page](page.md)\n");
        Write("docs/page.md", "# Page\n\n[code](../src/a.cs), [folder](../src), [above](#page)\n");
        Write("src/a.cs", "x < y");
        Site.Build(_folder["repository"], _folder["site"]);
        Assert.Contains("href=\"source/src/a.cs.html\"", File.ReadAllText(_folder["site/page.html"]));
        Assert.Contains("x &lt; y", File.ReadAllText(_folder["site/source/src/a.cs.html"]));
        Assert.Contains("href=\"src/a.cs.html\"", File.ReadAllText(_folder["site/source/src.html"]));
    }

    private void Write(string path, string text)
    {
        string full = Path.Combine(_folder["repository"], path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
