namespace Lpom.Bench.Scaling;

/// <summary>What the slowest rank has to do in a step.</summary>
internal readonly record struct StepCost
{
    /// <summary>Operations of products; a multiply-add is two.</summary>
    public double Flops { get; init; }

    /// <summary>Σ operations / strip, strip being the rows or units of a product, whichever are fewer: what thin products cost more.</summary>
    public double FlopsPerStrip { get; init; }

    /// <summary>Bytes of elementwise work on activations.</summary>
    public double ActivationBytes { get; init; }

    /// <summary>Bytes of elementwise work on weights.</summary>
    public double WeightBytes { get; init; }

    /// <summary>Bytes of weights that products read, and of Gram matrices.</summary>
    public double ProductBytes { get; init; }

    /// <summary>Bytes of weights, velocities and gradients that the rank keeps.</summary>
    public double HeldBytes { get; init; }

    /// <summary>Layers that are gone through, each with its calls.</summary>
    public double Layers { get; init; }

    /// <summary>Messages one after the other.</summary>
    public double Messages { get; init; }

    /// <summary>Bytes received.</summary>
    public double NetworkBytes { get; init; }

    /// <summary>One after the other.</summary>
    public static StepCost operator +(StepCost a, StepCost b) => new()
    {
        Flops = a.Flops + b.Flops,
        FlopsPerStrip = a.FlopsPerStrip + b.FlopsPerStrip,
        ActivationBytes = a.ActivationBytes + b.ActivationBytes,
        WeightBytes = a.WeightBytes + b.WeightBytes,
        ProductBytes = a.ProductBytes + b.ProductBytes,
        HeldBytes = a.HeldBytes + b.HeldBytes,
        Layers = a.Layers + b.Layers,
        Messages = a.Messages + b.Messages,
        NetworkBytes = a.NetworkBytes + b.NetworkBytes,
    };

    /// <summary>The same so many times, with what is kept once.</summary>
    public StepCost Times(double count) => this with
    {
        Flops = count * Flops,
        FlopsPerStrip = count * FlopsPerStrip,
        ActivationBytes = count * ActivationBytes,
        WeightBytes = count * WeightBytes,
        ProductBytes = count * ProductBytes,
        Layers = count * Layers,
        Messages = count * Messages,
        NetworkBytes = count * NetworkBytes,
    };

    /// <summary>A product's operations.</summary>
    /// <param name="flops">How many.</param>
    /// <param name="strip">Its rows or units, whichever are fewer.</param>
    public static StepCost Product(double flops, double strip) => new() { Flops = flops, FlopsPerStrip = flops / strip };

    /// <summary>Seconds of the messages.</summary>
    public double NetworkSeconds(Machine machine) => (Messages * machine.Latency) + (NetworkBytes / machine.Bandwidth);

    /// <summary>Seconds of all but the messages.</summary>
    public double WorkSeconds(Machine machine)
    {
        double products = (Flops + (machine.HalfStrip * FlopsPerStrip)) / machine.GemmRate;
        double elementwise = (ActivationBytes / machine.CacheRate) + (WeightBytes / machine.RateAt(HeldBytes));
        double read = HeldBytes > machine.CacheBytes ? ProductBytes / machine.MemoryRate : 0;
        return products + elementwise + read + (Layers * machine.LayerSeconds);
    }

    /// <summary>Seconds of a step: neither training nor the model does anything while messages travel.</summary>
    public double Seconds(Machine machine) => WorkSeconds(machine) + NetworkSeconds(machine);
}
