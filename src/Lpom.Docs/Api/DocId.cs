using System.Reflection;

namespace Lpom.Docs.Api;

/// <summary>The identifiers that the compiler gives types and members in XML documentation.</summary>
internal static class DocId
{
    public static string Of(MemberInfo member) => member switch
    {
        Type type => $"T:{TypeName(type)}",
        MethodBase method => $"M:{TypeName(method.DeclaringType!)}.{method.Name.Replace('.', '#')}{Arity(method)}{Parameters(method.GetParameters())}{Conversion(method)}",
        PropertyInfo property => $"P:{TypeName(property.DeclaringType!)}.{property.Name}{Parameters(property.GetIndexParameters())}",
        FieldInfo field => $"F:{TypeName(field.DeclaringType!)}.{field.Name}",
        EventInfo e => $"E:{TypeName(e.DeclaringType!)}.{e.Name}",
        _ => throw new ArgumentException(member.ToString(), nameof(member)),
    };

    private static string TypeName(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private static string Arity(MethodBase method) => method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "";

    private static string Conversion(MethodBase method) =>
        method is MethodInfo { IsSpecialName: true, Name: "op_Implicit" or "op_Explicit" } conversion ? $"~{Reference(conversion.ReturnType)}" : "";

    private static string Parameters(ParameterInfo[] parameters) =>
        parameters.Length == 0 ? "" : $"({string.Join(',', parameters.Select(parameter => Reference(parameter.ParameterType)))})";

    private static string Reference(Type type)
    {
        if (type.IsByRef)
            return $"{Reference(type.GetElementType()!)}@";
        if (type.IsPointer)
            return $"{Reference(type.GetElementType()!)}*";
        if (type.IsArray)
            return $"{Reference(type.GetElementType()!)}[{(type.GetArrayRank() == 1 ? "" : string.Join(',', Enumerable.Repeat("0:", type.GetArrayRank())))}]";
        if (type.IsGenericParameter)
            return $"{(type.DeclaringMethod is null ? "`" : "``")}{type.GenericParameterPosition}";
        if (!type.IsGenericType)
            return type.FullName!.Replace('+', '.');
        string name = TypeName(type);
        return $"{name[..name.IndexOf('`', StringComparison.Ordinal)]}{{{string.Join(',', type.GetGenericArguments().Select(Reference))}}}";
    }
}
