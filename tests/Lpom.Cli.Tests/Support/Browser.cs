using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;

namespace Lpom.Cli.Tests.Support;

/// <summary>A page in headless Chromium, driven by its DevTools protocol.</summary>
internal sealed class Browser : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TestFolder _profile = new();
    private readonly Process _process;
    private readonly ClientWebSocket _socket = new();
    private int _calls;

    private Browser(string page)
    {
        var start = new ProcessStartInfo("chromium") { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (string argument in (string[])["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0", $"--user-data-dir={_profile.FullName}", "about:blank"])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        _socket.ConnectAsync(PageAddress(), Timeout()).GetAwaiter().GetResult();
        foreach (string domain in (string[])["Runtime", "Log", "Network", "Page"])
            Call($"{domain}.enable", "{}");
        Call("Page.navigate", $"{{\"url\":\"{new Uri(page)}\"}}");
        Until("document.readyState === 'complete' && document.querySelector('.chart .u-over, table') !== null");
    }

    /// <summary>Errors on the console, and exceptions.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Addresses that the page asked for, but for its own and what it holds itself.</summary>
    public List<string> Requests { get; } = [];

    public static Browser Open(string page) => new(page);

    /// <summary>Evaluates an expression.</summary>
    public JsonElement Evaluate(string script)
    {
        JsonElement result = Call("Runtime.evaluate", JsonSerializer.Serialize(new { expression = script, returnByValue = true, awaitPromise = true })).GetProperty("result");
        return result.TryGetProperty("value", out JsonElement value) ? value : default;
    }

    /// <summary>Waits until an expression holds.</summary>
    public void Until(string script)
    {
        var clock = Stopwatch.StartNew();
        while (!Evaluate($"!!({script})").GetBoolean())
        {
            Assert.True(clock.Elapsed < Patience, $"{script} does not come to hold");
            Thread.Sleep(50);
        }
    }

    /// <summary>Presses, moves and releases the mouse.</summary>
    public void Drag(double fromX, double toX, double y)
    {
        Mouse("mousePressed", fromX, y);
        for (int step = 1; step <= 5; step++)
            Mouse("mouseMoved", fromX + ((toX - fromX) * step / 5), y);
        Mouse("mouseReleased", toX, y);
    }

    public void Click(double x, double y) => Drag(x, x, y);

    /// <summary>Shows the page as on a device of that width.</summary>
    public void Resize(int width, int height) =>
        Call("Emulation.setDeviceMetricsOverride", $"{{\"width\":{width},\"height\":{height},\"deviceScaleFactor\":1,\"mobile\":false}}");

    public void PreferColours(string scheme) =>
        Call("Emulation.setEmulatedMedia", $"{{\"features\":[{{\"name\":\"prefers-color-scheme\",\"value\":\"{scheme}\"}}]}}");

    public void Dispose()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        for (int attempt = 0; Directory.Exists(_profile.FullName); attempt++)
        {
            try
            {
                _profile.Dispose();
            }
            catch (IOException) when (attempt < 50)
            {
                // A process of the browser's is still leaving.
                Thread.Sleep(100);
            }
        }
    }

    private static CancellationToken Timeout() => new CancellationTokenSource(Patience).Token;

    private void Mouse(string type, double x, double y) => Call(
        "Input.dispatchMouseEvent",
        FormattableString.Invariant($"{{\"type\":\"{type}\",\"x\":{x},\"y\":{y},\"button\":\"left\",\"buttons\":{(type == "mouseReleased" ? 0 : 1)},\"clickCount\":1}}"));

    // The browser writes the port that it chose into its profile.
    private Uri PageAddress()
    {
        string file = _profile["DevToolsActivePort"];
        var clock = Stopwatch.StartNew();
        while (!File.Exists(file) || File.ReadAllLines(file).Length < 2)
        {
            Assert.True(clock.Elapsed < Patience && !_process.HasExited, "chromium does not start");
            Thread.Sleep(50);
        }

        using var http = new HttpClient();
        string pages = http.GetStringAsync(new Uri($"http://127.0.0.1:{File.ReadAllLines(file)[0]}/json/list"), Timeout()).GetAwaiter().GetResult();
        return new Uri(JsonDocument.Parse(pages).RootElement.EnumerateArray().First(page => page.GetProperty("type").GetString() == "page").GetProperty("webSocketDebuggerUrl").GetString()!);
    }

    private JsonElement Call(string method, string parameters)
    {
        int number = ++_calls;
        byte[] message = System.Text.Encoding.UTF8.GetBytes($"{{\"id\":{number},\"method\":\"{method}\",\"params\":{parameters}}}");
        _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, Timeout()).GetAwaiter().GetResult();
        while (true)
        {
            JsonElement answer = Receive();
            if (!answer.TryGetProperty("id", out JsonElement id))
                Notice(answer);
            else if (id.GetInt32() == number)
                return answer.TryGetProperty("result", out JsonElement result) ? result : throw new InvalidOperationException($"{method}: {answer}");
        }
    }

    private JsonElement Receive()
    {
        var text = new ArrayBufferWriter<byte>();
        ValueWebSocketReceiveResult part;
        do
        {
            part = _socket.ReceiveAsync(text.GetMemory(1 << 16), Timeout()).AsTask().GetAwaiter().GetResult();
            text.Advance(part.Count);
        }
        while (!part.EndOfMessage);
        return JsonDocument.Parse(text.WrittenMemory).RootElement.Clone();
    }

    private void Notice(JsonElement happened)
    {
        string method = happened.GetProperty("method").GetString()!;
        JsonElement about = happened.GetProperty("params");
        bool isError = method switch
        {
            "Runtime.exceptionThrown" => true,
            "Log.entryAdded" => about.GetProperty("entry").GetProperty("level").GetString() is "error" or "warning",
            "Runtime.consoleAPICalled" => about.GetProperty("type").GetString() is "error" or "warning" or "assert",
            _ => false,
        };
        if (isError)
            Errors.Add(about.ToString());
        if (method is "Network.requestWillBeSent" && about.GetProperty("request").GetProperty("url").GetString() is string url && !url.StartsWith("data:", StringComparison.Ordinal) && !url.StartsWith("file:", StringComparison.Ordinal) && url != "about:blank")
            Requests.Add(url);
    }
}
