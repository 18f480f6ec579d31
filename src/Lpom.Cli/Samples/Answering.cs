using Lpom.Cli.Terminal;
using Lpom.Cli.Training;
using Lpom.Data;

namespace Lpom.Cli.Samples;

/// <summary>
/// Samples in, answers out, in constant memory: in batches while input is there, and before input is waited for every sample so
/// far is answered. A sample's answer does not depend on the batch that it is in.
/// </summary>
/// <param name="samples">The input.</param>
/// <param name="batch">Empty.</param>
/// <param name="answers">The output.</param>
/// <param name="skipsBadRows">A bad row is reported, and the work goes on.</param>
internal sealed class Answering(SampleSource samples, SampleBatch batch, AnswerLines answers, bool skipsBadRows)
{
    /// <summary>Answers until the input ends; false when it was interrupted before.</summary>
    /// <exception cref="DataFormatException">A bad row, or damaged input; the answers before it are written.</exception>
    /// <exception cref="BrokenPipeException">Nobody reads any more.</exception>
    public bool Run(Interruption interruption)
    {
        bool isAtEnd = false;
        while (!isAtEnd && !interruption.Requested)
        {
            long before = samples.Number;
            try
            {
                isAtEnd = !ReadSample();
            }
            catch (DataFormatException e)
            {
                Answer();
                if (!skipsBadRows || samples.Number == before)
                {
                    answers.Flush();
                    throw;
                }

                Skip(e);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        Answer();
        answers.Flush();
        return isAtEnd;
    }

    private bool ReadSample()
    {
        bool isReady = samples.IsReady;
        if (batch.IsFull || !isReady)
            Answer();
        if (!isReady)
            answers.Flush();
        if (!samples.Read(batch.Next))
            return false;
        batch.Add(samples.Number);
        return true;
    }

    private void Answer()
    {
        if (batch.Count == 0)
            return;
        batch.Predict();
        int count = batch.Count;
        batch.Clear();
        for (int row = 0; row < count; row++)
            Answer(batch.Scores(row), batch.Number(row));
    }

    private void Answer(ReadOnlySpan<float> scores, long number)
    {
        if (answers.TryWrite(scores))
            return;
        var problem = new DataFormatException(samples.Name, $"{samples.Place(number)}: a score is not a finite number; the sample's values are too large for this model.");
        if (!skipsBadRows)
        {
            answers.Flush();
            throw problem;
        }

        Skip(problem);
    }

    private void Skip(DataFormatException problem)
    {
        Messages.Error($"{problem.Message} (skipped)");
        answers.WriteSkipped(problem.Message);
    }
}
