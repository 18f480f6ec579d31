namespace Lpom.Simd.Training.BackPropagation;

/// <summary>How back-propagation changes the weights.</summary>
public enum Optimizer
{
    /// <summary>Stochastic gradient descent with momentum.</summary>
    Sgd,

    /// <summary>Adam (Kingma and Ba, 2015), with decoupled weight decay.</summary>
    Adam,
}
