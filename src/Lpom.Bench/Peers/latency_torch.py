#!/usr/bin/python3
"""Latency of one sample through a ReLU network, one thread, in PyTorch (eager and TorchScript) and in numpy.

Usage:  latency_torch.py [LAYERS] [--calls N]          (784-300-10 and 20000)
Debian: apt-get install python3-torch python3-numpy libopenblas0-pthread

Prints one JSON object per peer: the median, 99th and 99.9th percentile of a call in microseconds. What Python adds to a
call is part of it: a user pays for it too.
Exit codes: 0 done, 1 PyTorch or numpy is missing, 2 wrong usage.
"""
import argparse
import json
import os
import sys
import time

import openblas_kernels  # noqa: F401  before a BLAS is loaded

os.environ["OPENBLAS_NUM_THREADS"] = "1"

try:
    import numpy as np
    import torch
    from torch import nn
except ImportError as missing:
    sys.exit(f"latency_torch.py: {missing} (Debian: apt-get install python3-torch python3-numpy)")

WARM_UP_SHARE = 10


class OneLineParser(argparse.ArgumentParser):
    """Wrong usage gives one line, not the whole usage text."""

    def error(self, message):
        self.exit(2, f"{self.prog}: {message}\n")


def widths(text):
    """Inputs, hidden widths, outputs: 784-300-10."""
    numbers = [int(part) for part in text.split("-")]
    if len(numbers) < 2 or min(numbers) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a list of widths such as 784-300-10")
    return numbers


def calls(text):
    value = int(text)
    if value < 1000:
        raise argparse.ArgumentTypeError(f"{text} calls are too few for a 99.9th percentile: at least 1000")
    return value


def options():
    parser = OneLineParser(prog="latency_torch.py", description="One-sample latency of PyTorch and numpy.")
    parser.add_argument("layers", nargs="?", type=widths, default="784-300-10")
    parser.add_argument("--calls", type=calls, default="20000", help="timed calls per peer (20000)")
    return parser.parse_args()


def network(layers):
    modules = []
    for inputs, outputs in zip(layers, layers[1:]):
        if modules:
            modules.append(nn.ReLU())
        modules.append(nn.Linear(inputs, outputs))
    return nn.Sequential(*modules).eval()


def forward_in_numpy(net, sample):
    """The same network as a function without arguments, on arrays of numpy's own."""
    parameters = [(m.weight.detach().numpy().copy(), m.bias.detach().numpy().copy()) for m in net if isinstance(m, nn.Linear)]
    *hidden, (last_weight, last_bias) = parameters

    def forward():
        x = sample
        for weight, bias in hidden:
            x = np.maximum(weight @ x + bias, 0)
        return last_weight @ x + last_bias

    return forward


def measure(peer, call, args):
    """Times every call on its own and prints the percentiles."""
    for _ in range(args.calls // WARM_UP_SHARE):
        call()
    nanoseconds = np.empty(args.calls)
    for i in range(args.calls):
        start = time.perf_counter_ns()
        call()
        nanoseconds[i] = time.perf_counter_ns() - start
    p50, p99, p999 = np.percentile(nanoseconds, [50, 99, 99.9]) / 1000
    print(json.dumps({
        "layers": "-".join(map(str, args.layers)),
        "peer": peer,
        "precision": "float32",
        "threads": 1,
        "p50us": round(p50, 2),
        "p99us": round(p99, 2),
        "p999us": round(p999, 2),
    }), flush=True)


def main():
    args = options()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    net = network(args.layers)
    sample = torch.rand(1, args.layers[0])
    script = torch.jit.freeze(torch.jit.script(net))
    with torch.no_grad():
        measure("torch-eager", lambda: net(sample), args)
        measure("torch-script", lambda: script(sample), args)
    measure("numpy", forward_in_numpy(net, sample.numpy()[0]), args)


if __name__ == "__main__":
    main()
