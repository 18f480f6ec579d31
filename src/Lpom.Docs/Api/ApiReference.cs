using System.Reflection;
using System.Text;
using System.Xml.Linq;
using Lpom.Data;
using Lpom.Docs.Pages;
using Lpom.Simd.Model;
using static System.Net.WebUtility;

namespace Lpom.Docs.Api;

/// <summary>The pages of the libraries' public types, made of the assemblies and of their XML documentation.</summary>
internal sealed class ApiReference
{
    private const string Output = "api.html", Title = "API of Lpom.Simd and Lpom.Data";

    private static readonly Assembly[] Assemblies = [typeof(Network).Assembly, typeof(Dataset).Assembly];

    private readonly DocComments _comments = DocComments.Of(Assemblies);
    private readonly Type[] _types = [.. Assemblies.SelectMany(assembly => assembly.GetExportedTypes()).OrderBy(CodeText.Name, StringComparer.Ordinal)];
    private readonly Dictionary<string, (string Page, string Anchor, string Text)> _places = [];
    private readonly List<string> _problems;

    private ApiReference(List<string> problems)
    {
        _problems = problems;
        foreach (Type type in _types)
        {
            _places[DocId.Of(type)] = (PageOf(type), "", CodeText.Name(type));
            foreach (MemberInfo member in MembersOf(type))
                _places.TryAdd(DocId.Of(member), (PageOf(type), AnchorOf(member), member is ConstructorInfo ? CodeText.Name(type) : $"{CodeText.Name(type)}.{member.Name}"));
        }
    }

    public static NavigationLink Link { get; } = new(Title, Output);

    public static IEnumerable<Page> Pages(List<string> problems)
    {
        var reference = new ApiReference(problems);
        return reference._types.Select(reference.TypePage).Prepend(reference.ListPage()).ToArray();
    }

    private static string PageOf(Type type) => $"api/{DocId.Of(type)["T:".Length..].Replace('`', '-')}.html";

    private static string AnchorOf(MemberInfo member) => DocId.Of(member)[2..].Replace(DocId.Of(member.DeclaringType!)[2..] + ".", "", StringComparison.Ordinal);

    private Page ListPage()
    {
        var html = new StringBuilder($"<h1>{Title}</h1>\n<p>Made of the assemblies and their XML documentation. To begin with: <a href=\"{PageOf(typeof(Network))}\">Network</a>, <a href=\"{PageOf(typeof(NamedData))}\">NamedData</a>, and the <a href=\"index.html\">tutorials</a>.</p>\n");
        foreach (IGrouping<string, Type> group in _types.GroupBy(type => type.Namespace!).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            html.Append($"<h2 id=\"{group.Key}\">{group.Key}</h2>\n<dl>\n");
            foreach (Type type in group)
                html.Append($"<dt><a href=\"{PageOf(type)}\">{Code(CodeText.Name(type))}</a></dt><dd>{Text(_comments.Find(type)?.Element("summary"), Output)}</dd>\n");
            html.Append("</dl>\n");
        }

        return new Page("the API", Output, Title, html.ToString());
    }

    private Page TypePage(Type type)
    {
        string page = PageOf(type), name = CodeText.Name(type);
        XElement? comment = _comments.Find(type);
        if (comment?.Element("summary") is null)
            _problems.Add($"{type.FullName}: nothing is said of this public type");
        var html = new StringBuilder($"<p class=\"soft\"><a href=\"../{Output}#{type.Namespace}\">{type.Namespace}</a></p>\n<h1>{HtmlEncode(name)}</h1>\n<pre class=\"declaration\"><code>{HtmlEncode(CodeText.Declaration(type))}</code></pre>\n");
        WriteComment(comment, page, html);
        MemberInfo[] members = [.. MembersOf(type)];
        WriteMembers("Constructors", members.OfType<ConstructorInfo>(), page, html);
        WriteMembers("Values", members.OfType<FieldInfo>(), page, html);
        WriteMembers("Properties", members.OfType<PropertyInfo>(), page, html);
        WriteMembers("Methods", members.OfType<MethodInfo>(), page, html);
        WriteMembers("Events", members.OfType<EventInfo>(), page, html);
        return new Page(type.FullName!, page, name, html.ToString());
    }

    private void WriteMembers(string title, IEnumerable<MemberInfo> members, string page, StringBuilder html)
    {
        MemberInfo[] shown = [.. members];
        if (shown.Length == 0)
            return;
        html.Append($"<h2>{title}</h2>\n");
        foreach (MemberInfo member in shown)
        {
            html.Append($"<h3 id=\"{HtmlEncode(AnchorOf(member))}\">{HtmlEncode(CodeText.Title(member))}</h3>\n");
            if (member.DeclaringType is not { IsEnum: true })
                html.Append($"<pre class=\"declaration\"><code>{HtmlEncode(CodeText.Declaration(member))}</code></pre>\n");
            WriteComment(_comments.Find(member), page, html);
        }
    }

    private void WriteComment(XElement? comment, string page, StringBuilder html)
    {
        if (comment is null)
            return;
        if (comment.Element("summary") is XElement summary)
            html.Append($"<p>{Text(summary, page)}</p>\n");
        WriteList(comment, ["typeparam", "param"], "name", page, html);
        if (comment.Element("returns") is XElement returned)
            html.Append($"<p>Returns: {Text(returned, page)}</p>\n");
        WriteList(comment, ["exception"], "cref", page, html);
        if (comment.Element("remarks") is not XElement remarks)
            return;
        if (remarks.Elements("para").Any())
            html.AppendJoin('\n', remarks.Elements("para").Select(paragraph => $"<p>{Text(paragraph, page)}</p>")).Append('\n');
        else
            html.Append($"<p>{Text(remarks, page)}</p>\n");
    }

    private void WriteList(XElement comment, string[] names, string attribute, string page, StringBuilder html)
    {
        XElement[] items = [.. comment.Elements().Where(element => names.Contains(element.Name.LocalName))];
        if (items.Length == 0)
            return;
        html.Append("<dl>\n");
        foreach (XElement item in items)
        {
            string name = (string)item.Attribute(attribute)!;
            html.Append($"<dt>{(attribute == "cref" ? Reference(name, page) : Code(name))}</dt><dd>{Text(item, page)}</dd>\n");
        }

        html.Append("</dl>\n");
    }

    private string Text(XElement? element, string page) => element is null ? "" : string.Concat(element.Nodes().Select(node => node switch
    {
        XText text => HtmlEncode(text.Value),
        XElement { Name.LocalName: "see" or "seealso" } see when see.Attribute("cref") is XAttribute cref => Reference(cref.Value, page),
        XElement { Name.LocalName: "see" } see => Code((string?)see.Attribute("langword") ?? see.Value),
        XElement { Name.LocalName: "paramref" or "typeparamref" } name => Code((string)name.Attribute("name")!),
        XElement { Name.LocalName: "c" } code => Code(code.Value),
        XElement other => Text(other, page),
        _ => "",
    })).Trim();

    private string Reference(string id, string page)
    {
        if (!_places.TryGetValue(id, out (string Page, string Anchor, string Text) place))
            return Code(ShortName(id));
        string anchor = place.Anchor.Length > 0 ? $"#{Uri.EscapeDataString(place.Anchor)}" : "";
        return $"<a href=\"{Page.Relative(page, place.Page)}{anchor}\">{Code(place.Text)}</a>";
    }

    // Of what is not a public part of these assemblies.
    private static string ShortName(string id)
    {
        string name = id[2..].Split('(')[0].Split('`')[0];
        int last = name.LastIndexOf('.');
        int from = id[0] == 'T' || last < 0 ? last : name.LastIndexOf('.', last - 1);
        return name[(from + 1)..];
    }

    private static IEnumerable<MemberInfo> MembersOf(Type type)
    {
        const BindingFlags declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        if (type.IsEnum)
            return type.GetFields(BindingFlags.Public | BindingFlags.Static);
        return type.GetMembers(declared).Where(IsShown).OrderBy(member => member.Name, StringComparer.Ordinal).ThenBy(DocId.Of, StringComparer.Ordinal);
    }

    private static bool IsShown(MemberInfo member) => member switch
    {
        _ when member.IsDefined(typeof(System.Runtime.CompilerServices.CompilerGeneratedAttribute), inherit: false) => false,
        ConstructorInfo constructor => IsVisible(constructor) && !constructor.IsStatic,
        // Accessors are shown as properties.
        MethodInfo method => IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) && method.Name != "Finalize",
        PropertyInfo property => property.Name != "EqualityContract" && property.GetAccessors(nonPublic: true).Any(IsVisible),
        FieldInfo field => field.IsPublic,
        EventInfo e => IsVisible(e.AddMethod!),
        _ => false,
    };

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Code(string text) => $"<code>{HtmlEncode(text)}</code>";
}
