using System.Reflection;
using System.Xml.Linq;

namespace Lpom.Docs.Api;

/// <summary>The XML documentation of assemblies, as the compiler wrote it beside them.</summary>
internal sealed class DocComments
{
    private readonly Dictionary<string, XElement> _members = [];

    private DocComments() { }

    public static DocComments Of(IEnumerable<Assembly> assemblies)
    {
        var comments = new DocComments();
        foreach (Assembly assembly in assemblies)
        {
            foreach (XElement member in XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member"))
                comments._members[(string)member.Attribute("name")!] = member;
        }

        return comments;
    }

    /// <summary>What is said of a type or member, by what it overrides or implements if it says so; null for nothing.</summary>
    public XElement? Find(MemberInfo member)
    {
        _members.TryGetValue(DocId.Of(member), out XElement? found);
        if (found is not null && !found.Elements("inheritdoc").Any())
            return found;
        return Ancestors(member).Select(Find).FirstOrDefault(above => above is not null);
    }

    private static IEnumerable<MemberInfo> Ancestors(MemberInfo member)
    {
        if (member is Type or ConstructorInfo || member.DeclaringType is not Type type)
            return [];
        IEnumerable<Type> above = type.BaseType is null ? type.GetInterfaces() : type.GetInterfaces().Prepend(type.BaseType);
        return above
            .Where(ancestor => ancestor != typeof(object) && ancestor.Assembly.GetName().Name!.StartsWith("Lpom.", StringComparison.Ordinal))
            .SelectMany(ancestor => (ancestor.IsGenericType ? ancestor.GetGenericTypeDefinition() : ancestor).GetMember(member.Name, member.MemberType, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(other => IsAlike(member, other));
    }

    private static bool IsAlike(MemberInfo member, MemberInfo other) =>
        member is not MethodBase method || ((MethodBase)other).GetParameters().Length == method.GetParameters().Length;
}
