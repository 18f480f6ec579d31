using System.Numerics.Tensors;
using Lpom.Simd.Model;

namespace Lpom.Examples;

/// <summary>What one thread needs to predict: allocated at its first request.</summary>
/// <param name="classifier">The model.</param>
/// <param name="ready">A network of its shape, ready for predictions.</param>
internal sealed class Predictor(Classifier classifier, Network ready) : IDisposable
{
    private readonly Workspace _workspace = Workspace.For(ready, maxBatch: 1);

    // <example predict>
    /// <summary>Classifies an image.</summary>
    /// <param name="values">Its bytes [Inputs].</param>
    /// <param name="network">The network that takes them as they are.</param>
    /// <exception cref="BadHttpRequestException">The model gives no finite scores for it.</exception>
    public Answer Predict(ReadOnlySpan<byte> values, Network network)
    {
        float[] scores = new float[network.Outputs];
        network.Predict(values, scores, _workspace);
        if (Array.Exists(scores, score => !float.IsFinite(score)))
            throw new BadHttpRequestException("The model gives scores for this image that are not finite.", StatusCodes.Status422UnprocessableEntity);
        int label = TensorPrimitives.IndexOfMax<float>(scores);
        if (network.Loss != Loss.CrossEntropy) return new Answer(label, classifier.ClassNames[label], Probabilities: null, scores);
        TensorPrimitives.Subtract(scores, scores[label], scores);
        TensorPrimitives.SoftMax<float>(scores, scores);
        return new Answer(label, classifier.ClassNames[label], scores, Scores: null);
    }
    // </example>

    public void Dispose() => _workspace.Dispose();
}
