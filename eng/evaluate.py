#!/usr/bin/python3
"""Accuracy of a model on the test part of the built-in digits or of MNIST-like IDX files, by numpy alone: any reader of
safetensors can use a model of Lpom.        usage: evaluate.py MODEL digits.csv.gz | IDX_FOLDER        needs python3-numpy"""
import gzip, json, os, struct, sys
import numpy as np

raw = open(sys.argv[1], 'rb').read(); length, = struct.unpack('<Q', raw[:8]); header = json.loads(raw[8:8 + length]); meta = header.pop('__metadata__')
tensor = lambda t: np.frombuffer(raw, '<f4', offset=8 + length + t['data_offsets'][0], count=int(np.prod(t['shape']))).reshape(t['shape'])
t = {name: tensor(value) for name, value in header.items()}
if os.path.isdir(sys.argv[2]):
    part = lambda name, skip: np.frombuffer(gzip.open(os.path.join(sys.argv[2], name)).read(), np.uint8, offset=skip)
    y = part('t10k-labels-idx1-ubyte.gz', 8); x = part('t10k-images-idx3-ubyte.gz', 16).reshape(len(y), -1)
else:
    rows = np.loadtxt(gzip.open(sys.argv[2]), delimiter=','); x, y = rows[:, :-1], rows[:, -1].astype(int)
    test = np.concatenate([np.flatnonzero(y == c)[4::5] for c in np.unique(y)]); x, y = x[test], y[test]     # every fifth row of a class
x = (x * np.float32(meta['input-scale']) - np.float32(json.loads(meta['input-offsets'])[0])).astype('f')
if 'inputs.lower' in t: x = np.clip(x, t['inputs.lower'], t['inputs.upper'])
phi = {'relu': lambda z: np.maximum(z, 0), 'identity': lambda z: z, 'tanh': np.tanh, 'clip01': lambda z: np.clip(z, 0, 1), 'sigmoid': lambda z: 1 / (1 + np.exp(-z))}
for i, name in enumerate(meta['activations'].split(',')):
    x = phi[name](x @ t[f'layers.{i}.weight'].T + t.get(f'layers.{i}.bias', np.float32(0)))
print((x.argmax(1) == y).mean())
