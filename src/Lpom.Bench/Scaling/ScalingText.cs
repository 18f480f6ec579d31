namespace Lpom.Bench.Scaling;

/// <summary>What the page says of the model: the same for any machine. Beside <see cref="Scaling.Schemes"/>, which computes it.</summary>
internal static class ScalingText
{
    /// <summary>The schemes and their formulas.</summary>
    public const string Schemes = """
        ## The model

        A step of B rows, layers i of in → out units, float32. For the slowest of R ranks

            t = Σ flops·(1 + h/strip)/F  +  elementwise bytes/(cache or memory)  +  layers·c  +  messages·ℓ  +  bytes received/N

        where a product's strip is its rows or its units, whichever are fewer, so that thin products are slower; weights count at the speed of memory when weights, velocities and gradients, 12·Σ in·out bytes of a rank, do not fit the cache, and each product then reads its weights from memory besides, 4·in·out bytes, and Gram matrices come from there. Nothing travels while ranks compute, in any of the schemes: frameworks overlap part of it in back-propagation. R ranks exchange in ⌈log₂ R⌉ messages, one after the other; what a rank receives of n floats is 4·n·(R−1)/R bytes: as in the best algorithms of an MPI, and messages of all ranks to all are taken to overlap. Biases, and what the first steps do besides, are left out.

        ### `alone`: streaming LPOM in one process

        | part | operations, bytes |
        |---|---|
        | inputs | whitening 4·B·in·32, below 128 inputs 4·B·in²; 12·B·in bytes |
        | forward | 2·B·in·out |
        | pull: deviations down, all layers but the first | 2·B·in·out |
        | weight gradient | 2·B·in·out |
        | metric, all but the first, on r = min(B, out) rows | 4·r·in·128 and 8·r·in bytes from 383 inputs on, else 2·r·in² |
        | trust bound of layers with out > B, but the first | 2·B²·in + B²·out; 8·B² bytes |
        | trust bound of the others, elementwise | 8·in·out bytes, of the first layer 4·in·out |
        | running Gram matrix, every 4th step, 8th where a layer has 1,000 units | B·in²; 4·in² bytes |
        | its inverse, every 50 (100) steps | 2·in²·128 + 7·in·128² from 383 inputs on, else in³; 16·in² bytes |
        | activations, elementwise | 32·B·out bytes |
        | weight step, elementwise: gradient, V and W read, V and W written | 20·in·out bytes |

        Penalties do not adapt and weights are not averaged, as is the default of networks of rectified layers.

        ### `units`: unit-parallel LPOM

        What `lpom train --distributed mpi` does. Every rank steps out/R units of each layer of B·in·out ≥ 2²¹ multiply-adds and of R units; smaller ones, such as outputs, are whole on every rank. Products and elementwise work of divided layers are those of `alone` over R, with the metric and H(A + λI)⁻¹Hᵀ on a part of the rows of the batch where out > B; inputs are whole on every rank; Gram matrices are those of the rank whose layers have most of it, as each layer's is one rank's work, from the top in turn. A divided layer exchanges

        - its activations, gathered: B·out floats;
        - all but the first: its pulls, to all ranks and summed there, 12·B·in bytes: B·in floats, and as many again, gathered, where the layer below is whole;
        - with out > B, all but the first: rows of H(A + λI)⁻¹ and of its product with Hᵀ, gathered: B·in and B² floats. Those of fewer than 2¹⁵·R floats go in one message for all layers.

        What is gathered through a buffer, all but large matrices of rows, is copied besides, 8 bytes a float. Each step has two sums of some numbers over the ranks; at each refresh they agree on whether it was possible, and every inverse goes round, 256·in floats in five messages, or in² in one.

        ### `data`: data-parallel back-propagation

        SGD with momentum. Every rank takes ⌈B/R⌉ rows through forward, pull and gradient, without metric or Gram matrices; the gradients are summed over the ranks, 2·in·out floats a layer in 2·⌈log₂ R⌉ messages; every rank steps all weights, 20·in·out bytes. Strong scaling has one B for any R; with weak scaling B is a rank's own.

        ### `layers`: layer-parallel LPOM

        Consecutive layers to each of at most as many ranks as layers, so that the one with most operations has as few as possible; the others stand by. Whole batches flow through the ranks as through a pipeline, R of them in flight: every rank feeds one forward and takes another's deviations down, and nobody waits for anybody but the slowest. A step's time is the slowest rank's: all that `alone` does for its layers, and of each batch B·width floats of activations that come from the neighbour below, and B·width of pulls from the one above, a message each. After every 64 batches all are finished, so that filling and emptying make it (64+R−1)/64 times as long.

        A step here is another one: rank i, from 0, feeds batches forward by weights that lack the steps of up to R−1−i others, and has the activations of as many in memory. How many more steps that takes the model does not say.


        """;
}
