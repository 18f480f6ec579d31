namespace Lpom.Bench.Scaling;

/// <summary>What the model knows of a rank: of a core, or of a node of many that share each product.</summary>
/// <param name="GemmRate">Operations a second of large products.</param>
/// <param name="HalfStrip">Rows or units of a product, whichever are fewer, at which it has half that rate.</param>
/// <param name="CacheRate">Bytes a second of elementwise work on data in the cache.</param>
/// <param name="MemoryRate">Bytes a second of the same on data that is not.</param>
/// <param name="CacheBytes">What the cache holds.</param>
/// <param name="LayerSeconds">What a layer takes in a step beside arithmetic and bytes: packing, small products, calls.</param>
/// <param name="CallSeconds">Of it the calls, which no number of cores makes less.</param>
/// <param name="Latency">Seconds of a message of no length, with the wait for the other rank.</param>
/// <param name="Bandwidth">Bytes a second that a rank receives.</param>
internal sealed record Machine(
    double GemmRate, double HalfStrip, double CacheRate, double MemoryRate, double CacheBytes, double LayerSeconds, double CallSeconds, double Latency, double Bandwidth)
{
    /// <summary>One machine of several, figure by figure.</summary>
    /// <param name="machines">At least one.</param>
    /// <param name="figure">Makes one figure of all machines'.</param>
    public static Machine Of(Machine[] machines, Func<IEnumerable<double>, double> figure)
    {
        double Figure(Func<Machine, double> of) => figure(machines.Select(of));
        return new Machine(
            Figure(m => m.GemmRate), Figure(m => m.HalfStrip), Figure(m => m.CacheRate), Figure(m => m.MemoryRate), Figure(m => m.CacheBytes),
            Figure(m => m.LayerSeconds), Figure(m => m.CallSeconds), Figure(m => m.Latency), Figure(m => m.Bandwidth));
    }

    /// <summary>A node of cores, which share each product.</summary>
    /// <param name="cores">How many.</param>
    /// <param name="efficiency">Their speed together over so many times one's.</param>
    /// <param name="options">The assumptions.</param>
    public Machine ToNode(int cores, double efficiency, ScalingOptions options) => this with
    {
        GemmRate = GemmRate * cores * efficiency,
        CacheRate = Math.Max(CacheRate * cores * efficiency, options.NodeMemoryRate),
        MemoryRate = options.NodeMemoryRate,
        CacheBytes = options.NodeCacheBytes,
        LayerSeconds = CallSeconds,
        Latency = options.Latency,
        Bandwidth = options.Bandwidth,
    };

    /// <summary>Bytes a second of elementwise work on some of so many bytes that are all used in every step.</summary>
    public double RateAt(double heldBytes) => heldBytes > CacheBytes ? MemoryRate : CacheRate;
}
