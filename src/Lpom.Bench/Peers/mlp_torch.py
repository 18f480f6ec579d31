#!/usr/bin/python3
"""A multilayer perceptron trained by back-propagation in PyTorch: what a user would take instead of `lpom train`.

Usage:  mlp_torch.py --data-dir DIR [options]          (mlp_torch.py --help lists them)
Debian: apt-get install python3-torch python3-numpy

DIR holds the four IDX files of MNIST or Fashion-MNIST, gzipped or not. Prints one JSON object per epoch:
seconds (training alone, cumulative, without reading, scaling and evaluation), trainAccuracy (on the first 10,000
training samples), testAccuracy, peakMemoryMiB. Try --threads 1 and 2 and take the faster: with two, Debian's build is
several times slower on small networks.
Exit codes: 0 done, 1 PyTorch or the data cannot be had, 2 wrong usage.
"""
import argparse
import gzip
import json
import os
import resource
import sys
import time

import openblas_kernels  # noqa: F401  before a BLAS is loaded

try:
    import numpy as np
    import torch
    from torch import nn
except ImportError as missing:
    sys.exit(f"mlp_torch.py: {missing} (Debian: apt-get install python3-torch python3-numpy)")

PIXELS = 784
CLASSES = 10
EVALUATED_TRAINING_SAMPLES = 10_000
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
DEFAULT_RATES = {"sgd": 0.05, "adam": 0.001}


class OneLineParser(argparse.ArgumentParser):
    """Wrong usage gives one line, not the whole usage text."""

    def error(self, message):
        self.exit(2, f"{self.prog}: {message}\n")


def positive(kind):
    """A parser of finite numbers above zero."""

    def parse(text):
        value = kind(text)
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(f"{text} is not a positive number")
        return value

    return parse


def fraction(text):
    """A number from 0 to below 1."""
    value = float(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to below 1")
    return value


def widths(text):
    """Inputs, hidden widths, outputs: 784-300-10."""
    numbers = [positive(int)(part) for part in text.split("-")]
    if len(numbers) < 2 or numbers[0] != PIXELS or numbers[-1] != CLASSES:
        raise argparse.ArgumentTypeError(f"{text} does not lead from {PIXELS} to {CLASSES}, such as 784-300-10")
    return numbers


def options():
    parser = OneLineParser(prog="mlp_torch.py", description="Trains a multilayer perceptron in PyTorch.")
    parser.add_argument("--data-dir", required=True, help="folder with the four IDX files, .gz or not")
    parser.add_argument("--layers", type=widths, default="784-300-10", help="widths (784-300-10)")
    parser.add_argument("--optimizer", choices=DEFAULT_RATES, default="sgd", help="sgd has momentum 0.9 (sgd)")
    parser.add_argument("--lr", type=positive(float), help="learning rate (0.05 for sgd, 0.001 for adam)")
    parser.add_argument("--loss", choices=["ce", "mse"], default="ce", help="cross-entropy or least squares (ce)")
    parser.add_argument("--activation", choices=ACTIVATIONS, default="relu", help="of the hidden layers (relu)")
    parser.add_argument("--epochs", type=positive(int), default=5)
    parser.add_argument("--batch", type=positive(int), default=100)
    parser.add_argument("--threads", type=positive(int), default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--label-smoothing", type=fraction, default=0.0, help="of cross-entropy (0)")
    parser.add_argument("--cosine", action="store_true", help="cosine decay of the learning rate to zero")
    parser.add_argument("--hold-out", type=positive(int), metavar="N", help="test on the last N training samples, not trained on")
    return parser.parse_args()


def idx(folder, name, header):
    """The bytes of an IDX file behind its header."""
    path = os.path.join(folder, name)
    if os.path.exists(path + ".gz"):
        with gzip.open(path + ".gz") as stream:
            raw = stream.read()
    else:
        with open(path, "rb") as stream:
            raw = stream.read()
    return np.frombuffer(raw, np.uint8, offset=header)


def samples(folder, part):
    """Images [n × 784] scaled to 0…1, labels [n]."""
    images = idx(folder, f"{part}-images-idx3-ubyte", 16).reshape(-1, PIXELS)
    labels = idx(folder, f"{part}-labels-idx1-ubyte", 8)
    if len(images) != len(labels):
        raise ValueError(f"{len(images)} images have {len(labels)} labels")
    return torch.from_numpy(images.astype(np.float32) / 255), torch.from_numpy(labels.astype(np.int64))


def load(args):
    """Training and test samples."""
    x, y = samples(args.data_dir, "train")
    if args.hold_out is None:
        return x, y, *samples(args.data_dir, "t10k")
    if args.hold_out >= len(x):
        raise ValueError(f"--hold-out {args.hold_out} leaves none of the {len(x)} training samples")
    kept = len(x) - args.hold_out
    return x[:kept], y[:kept], x[kept:], y[kept:]


def network(args):
    """Linear layers from Glorot's uniform start with the activation between them."""
    layers = []
    for inputs, outputs in zip(args.layers, args.layers[1:]):
        if layers:
            layers.append(ACTIVATIONS[args.activation]())
        linear = nn.Linear(inputs, outputs)
        nn.init.xavier_uniform_(linear.weight)
        nn.init.zeros_(linear.bias)
        layers.append(linear)
    return nn.Sequential(*layers)


def loss_function(args):
    if args.loss == "ce":
        return nn.CrossEntropyLoss(label_smoothing=args.label_smoothing)
    one_hot = torch.eye(CLASSES)
    return lambda scores, labels: ((scores - one_hot[labels]) ** 2).sum(1).mean() / 2


def optimizer(args, net):
    rate = args.lr or DEFAULT_RATES[args.optimizer]
    if args.optimizer == "sgd":
        return torch.optim.SGD(net.parameters(), rate, momentum=0.9)
    return torch.optim.Adam(net.parameters(), rate)


def accuracy(net, x, y):
    with torch.no_grad():
        return (net(x).argmax(1) == y).float().mean().item()


def train(args, x, y, x_test, y_test):
    net = network(args)
    loss = loss_function(args)
    descent = optimizer(args, net)
    steps = args.epochs * -(-len(x) // args.batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(descent, steps) if args.cosine else None
    seconds = 0.0
    for epoch in range(1, args.epochs + 1):
        start = time.perf_counter()
        order = torch.randperm(len(x))
        for first in range(0, len(x), args.batch):
            rows = order[first:first + args.batch]
            descent.zero_grad()
            loss(net(x[rows]), y[rows]).backward()
            descent.step()
            if schedule:
                schedule.step()
        seconds += time.perf_counter() - start
        print(json.dumps({
            "peer": f"torch-{args.optimizer}",
            "layers": "-".join(map(str, args.layers)),
            "threads": args.threads,
            "epoch": epoch,
            "seconds": round(seconds, 3),
            "trainAccuracy": round(accuracy(net, x[:EVALUATED_TRAINING_SAMPLES], y[:EVALUATED_TRAINING_SAMPLES]), 4),
            "testAccuracy": round(accuracy(net, x_test, y_test), 4),
            "peakMemoryMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }), flush=True)


def main():
    args = options()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    try:
        data = load(args)
    except (OSError, EOFError, ValueError) as error:
        sys.exit(f"mlp_torch.py: {error}")
    train(args, *data)


if __name__ == "__main__":
    main()
