// Makes the documentation site: Lpom.Docs REPOSITORY OUT. eng/docs.sh calls it.
using Lpom.Docs;

const int Failed = 1, WrongUsage = 2;
if (args is not [string repository, string output])
{
    Console.Error.WriteLine("Lpom.Docs: expected REPOSITORY and OUT");
    return WrongUsage;
}

try
{
    int pages = Site.Build(repository, output);
    Console.WriteLine($"{pages} pages: {Path.Combine(Path.GetFullPath(output), "index.html")}");
    return 0;
}
catch (SiteException e)
{
    foreach (string problem in e.Problems)
        Console.Error.WriteLine($"docs: {problem}");
    return Failed;
}
