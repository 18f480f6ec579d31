namespace Lpom.Docs.Pages;

/// <summary>A page of the site.</summary>
/// <param name="Source">The file, or the part of the code, that it is made of: problems name it.</param>
/// <param name="Output">Its path in the site, with slashes.</param>
/// <param name="Title">Its title, as plain text.</param>
/// <param name="Body">HTML of what is below the navigation.</param>
internal sealed record Page(string Source, string Output, string Title, string Body)
{
    /// <summary>A link from one place of the site to another.</summary>
    public static string Relative(string from, string to)
    {
        int up = from.Count(c => c == '/');
        string[] fromParts = from.Split('/'), toParts = to.Split('/');
        int common = 0;
        while (common < up && common < toParts.Length - 1 && fromParts[common] == toParts[common])
            common++;
        return string.Join('/', Enumerable.Repeat("..", up - common).Concat(toParts[common..]));
    }
}
