using System.Numerics.Tensors;
using Lpom.Simd.Model;

namespace Lpom.Examples;

/// <summary>What one thread needs to predict: allocated at its first request.</summary>
internal sealed class Predictor(Classifier classifier) : IDisposable
{
    private readonly Workspace _workspace = Workspace.For(classifier.Network, maxBatch: 1);
    private readonly float[] _inputs = new float[classifier.Network.Inputs];

    /// <summary>Classifies an image.</summary>
    /// <param name="values">Its raw values [Inputs].</param>
    /// <param name="scale">What each is multiplied by first.</param>
    /// <exception cref="BadHttpRequestException">The model gives no finite scores for it.</exception>
    public Answer Predict(ReadOnlySpan<byte> values, float scale)
    {
        Network network = classifier.Network;
        for (int i = 0; i < _inputs.Length; i++) _inputs[i] = values[i] * scale;
        classifier.Preprocessing.Apply(_inputs, _inputs);
        float[] scores = new float[network.Outputs];
        network.Predict(_inputs, scores, _workspace);
        if (Array.Exists(scores, score => !float.IsFinite(score)))
            throw new BadHttpRequestException("The model gives scores for this image that are not finite.", StatusCodes.Status422UnprocessableEntity);
        int label = TensorPrimitives.IndexOfMax<float>(scores);
        if (network.Loss != Loss.CrossEntropy) return new Answer(label, classifier.ClassNames[label], Probabilities: null, scores);
        TensorPrimitives.Subtract(scores, scores[label], scores);
        TensorPrimitives.SoftMax<float>(scores, scores);
        return new Answer(label, classifier.ClassNames[label], scores, Scores: null);
    }

    public void Dispose() => _workspace.Dispose();
}
