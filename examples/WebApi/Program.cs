// A service that classifies posted images. Without --model it trains on the built-in digits first, in a fraction of a second.
using Lpom.Data;
using Lpom.Examples;
using Microsoft.AspNetCore.Http.HttpResults;

var builder = WebApplication.CreateSlimBuilder(args);
string? modelPath = builder.Configuration["model"];
ImageClassifier images;
try
{
    Classifier classifier = modelPath is null ? Classifier.TrainOn(NamedData.Load("digits")) : Classifier.Load(modelPath);
    images = ImageClassifier.Create(classifier, builder.Configuration["width"], builder.Configuration["white"]);
}
catch (Exception e) when (BadInput.Is(e) || e is FormatException)
{
    return BadInput.Report(e.Message);
}

using ImageClassifier served = images;
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
builder.Services.ConfigureHttpJsonOptions(options =>
{
    options.SerializerOptions.Encoder = AnswerJson.Encoder;
    options.SerializerOptions.TypeInfoResolverChain.Insert(0, AnswerJson.Default);
});
// The server itself cuts off whatever is longer than any image of the right size.
builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = images.LongestBody);
var app = builder.Build();

// <example endpoints>
app.MapGet("/health", () => TypedResults.Ok(new Health("ok", images.Classifier.Network.Shape, images.Inputs)));
app.MapPost("/classify", async Task<Results<Ok<Answer>, JsonHttpResult<Refusal>>> (HttpRequest request) =>
{
    try
    {
        return TypedResults.Ok(await images.ClassifyAsync(request));
    }
    catch (BadHttpRequestException e)
    {
        return TypedResults.Json(new Refusal(e.Message), AnswerJson.Readable.Refusal, statusCode: e.StatusCode);
    }
});
// </example>

try
{
    await app.StartAsync();
}
catch (IOException e)
{
    return BadInput.Report($"{e.Message.TrimEnd('.')}. Choose another address: --urls http://localhost:5001");
}
Console.WriteLine(
    $"""
    {(modelPath is null ? "Trained on the digits" : modelPath)}: {images.Classifier.Network.Shape}, listening on {app.Urls.First()}. Try, in another terminal, at the repository's root:
      curl -H 'Content-Type: image/png' --data-binary @examples/WebApi/seven.png {app.Urls.First()}/classify
      curl {app.Urls.First()}/health
    It takes {images.Expected}.
    """);
await app.WaitForShutdownAsync();
return 0;
