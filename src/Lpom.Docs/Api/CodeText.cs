using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Lpom.Docs.Api;

/// <summary>Types and members as C# writes them.</summary>
internal static class CodeText
{
    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    /// <summary>A type's name, with its type parameters or arguments.</summary>
    public static string Name(Type type)
    {
        if (type.IsByRef || type.IsPointer)
            return Name(type.GetElementType()!) + (type.IsPointer ? "*" : "");
        if (type.IsArray)
            return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (Nullable.GetUnderlyingType(type) is Type value)
            return $"{Name(value)}?";
        if (Keywords.TryGetValue(type, out string? keyword))
            return keyword;
        string outer = type is { IsNested: true, IsGenericParameter: false } ? $"{Name(type.DeclaringType!)}." : "";
        int tick = type.Name.IndexOf('`', StringComparison.Ordinal);
        return outer + (tick < 0 ? type.Name : $"{type.Name[..tick]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>");
    }

    /// <summary>What a type is declared with.</summary>
    public static string Declaration(Type type)
    {
        string kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
            { IsValueType: true } => $"{(IsReadOnly(type) ? "readonly " : "")}{(type.IsByRefLike ? "ref " : "")}struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            _ => $"{(type.IsAbstract ? "abstract " : "")}{(type.IsSealed ? "sealed " : "")}class",
        };
        IEnumerable<Type> own = type.IsEnum ? [] : type.GetInterfaces().Where(i => i.IsPublic && !IsImplied(type, i));
        IEnumerable<Type> bases = type.BaseType is null || type.BaseType == typeof(object) || type.IsValueType ? own : own.Prepend(type.BaseType);
        string list = string.Join(", ", bases.Select(Name));
        return $"public {kind} {Name(type)}{(list.Length > 0 ? $" : {list}" : "")}";
    }

    public static string Declaration(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"{Access(constructor)} {Simple(constructor.DeclaringType!)}({Parameters(constructor.GetParameters())})",
        MethodInfo method => $"{Modifiers(method)}{Returned(method)} {MethodName(method)}{TypeParameters(method)}({(IsExtension(method) ? "this " : "")}{Parameters(method.GetParameters())})",
        PropertyInfo property => $"{Modifiers((property.GetMethod ?? property.SetMethod)!)}{(property.PropertyType.IsByRef ? "ref " : "")}{Annotated(property.PropertyType, Nullability.Create(property))} {PropertyName(property)} {{ {Accessors(property)} }}",
        FieldInfo { IsLiteral: true } constant => $"public const {Name(constant.FieldType)} {constant.Name} = {Literal(constant.GetRawConstantValue())}",
        FieldInfo field => $"public {(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{Annotated(field.FieldType, Nullability.Create(field))} {field.Name}",
        EventInfo e => $"public event {Name(e.EventHandlerType!)} {e.Name}",
        _ => member.Name,
    };

    /// <summary>What a member is called in a heading.</summary>
    public static string Title(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"{Simple(constructor.DeclaringType!)}({Types(constructor.GetParameters())})",
        MethodInfo method => $"{MethodName(method)}{TypeParameters(method)}({Types(method.GetParameters())})",
        PropertyInfo property => PropertyName(property),
        _ => member.Name,
    };

    // Without what it is nested in, and without type parameters.
    private static string Simple(Type type) => type.Name.Split('`')[0];

    private static bool IsReadOnly(Type type) => type.IsDefined(typeof(IsReadOnlyAttribute), inherit: false);

    private static bool IsImplied(Type type, Type implemented) =>
        (type.BaseType?.GetInterfaces().Contains(implemented) ?? false)
        || type.GetInterfaces().Any(other => other != implemented && other.GetInterfaces().Contains(implemented));

    private static bool IsExtension(MethodInfo method) => method.IsDefined(typeof(ExtensionAttribute), inherit: false);

    private static string Access(MethodBase method) => method.IsPublic ? "public" : "protected";

    private static string Modifiers(MethodInfo method)
    {
        if (method.DeclaringType!.IsInterface)
            return method.IsStatic ? (method.IsAbstract ? "static abstract " : "static ") : "";
        bool isOverride = method.GetBaseDefinition() != method;
        string kind = method switch
        {
            { IsStatic: true } => "static ",
            { IsAbstract: true } => "abstract ",
            _ when isOverride => method.IsFinal ? "sealed override " : "override ",
            { IsVirtual: true, IsFinal: false } => "virtual ",
            _ => "",
        };
        return $"{Access(method)} {kind}";
    }

    private static string Returned(MethodInfo method) =>
        $"{(method.ReturnType.IsByRef ? "ref " : "")}{Annotated(method.ReturnType, Nullability.Create(method.ReturnParameter))}";

    private static string MethodName(MethodInfo method) => method.IsSpecialName && method.Name.StartsWith("op_", StringComparison.Ordinal)
        ? method.Name switch
        {
            "op_Equality" => "operator ==",
            "op_Inequality" => "operator !=",
            "op_Implicit" => "implicit operator",
            "op_Explicit" => "explicit operator",
            _ => $"operator {method.Name["op_".Length..]}",
        }
        : method.Name;

    private static string TypeParameters(MethodInfo method) => method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string PropertyName(PropertyInfo property) => property.GetIndexParameters() is { Length: > 0 } index ? $"this[{Parameters(index)}]" : property.Name;

    private static string Accessors(PropertyInfo property)
    {
        bool isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ?? false;
        string set = property.SetMethod is { IsPublic: true } ? (isInit ? " init;" : " set;") : "";
        return $"{(property.GetMethod is { IsPublic: true } or { IsFamily: true } ? "get;" : "")}{set}".Trim();
    }

    private static string Types(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(parameter => $"{Passing(parameter)}{Name(parameter.ParameterType)}"));

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(parameter =>
        $"{Passing(parameter)}{Annotated(parameter.ParameterType, Nullability.Create(parameter))} {parameter.Name}{(parameter.HasDefaultValue ? $" = {Default(parameter)}" : "")}"));

    private static string Passing(ParameterInfo parameter) => parameter switch
    {
        { IsOut: true } => "out ",
        { ParameterType.IsByRef: true } => parameter.IsIn ? "in " : "ref ",
        _ when parameter.IsDefined(typeof(ParamArrayAttribute), inherit: false) || parameter.IsDefined(typeof(ParamCollectionAttribute), inherit: false) => "params ",
        _ => "",
    };

    private static string Annotated(Type type, NullabilityInfo info)
    {
        bool isNull = !type.IsValueType && !type.IsByRef && (info.ReadState == NullabilityState.Nullable || (info.ReadState == NullabilityState.Unknown && info.WriteState == NullabilityState.Nullable));
        return isNull && !type.IsGenericParameter ? $"{Name(type)}?" : Name(type);
    }

    private static string Default(ParameterInfo parameter)
    {
        Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        object? value = parameter.DefaultValue;
        if (value is null)
            return type.IsValueType && type == parameter.ParameterType ? "default" : "null";
        return type.IsEnum ? $"{Name(type)}.{Enum.ToObject(type, value)}" : Literal(value);
    }

    private static string Literal(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        float number => $"{number.ToString(CultureInfo.InvariantCulture)}f",
        char character => $"'{character}'",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
