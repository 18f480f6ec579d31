#!/usr/bin/python3
"""The comparing part of check-onnx.sh.        usage: check_onnx.py LPOM_DLL IMAGES FOLDER, with the exported models in FOLDER"""
import glob, gzip, json, os, subprocess, sys
import numpy as np
import onnx

lpom, images, folder = sys.argv[1:]
ROWS, BOUND = 1000, 1e-5
RUN = """const ort = require('onnxruntime-node'), fs = require('fs'), [model, rows, cols] = process.argv.slice(1);
const bytes = fs.readFileSync(0), x = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
(async () => {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1 });
  const result = await session.run({ x: new ort.Tensor('float32', x, [Number(rows), Number(cols)]) });
  const { data } = result.scores;
  fs.writeSync(1, Buffer.from(data.buffer, data.byteOffset, data.byteLength));
})();"""


def read_images():
    raw = gzip.open(images).read()
    if raw[:2] == b'\0\0':  # IDX
        return np.frombuffer(raw, np.uint8, offset=16).reshape(int.from_bytes(raw[4:8], 'big'), -1)[:ROWS]
    return np.array([line.split(',')[:-1] for line in raw.decode().splitlines()[:ROWS]], dtype=np.uint8)


def lpom_scores(model, rows):
    lines = '\n'.join(','.join(map(str, row)) for row in rows)
    answers = subprocess.run(['dotnet', lpom, 'predict', model, '--json'], input=lines, stdout=subprocess.PIPE, text=True, check=True).stdout
    return np.array([json.loads(line)['scores'] for line in answers.splitlines()], dtype=np.float32)


def onnxruntime_scores(model, x):
    environment = dict(os.environ, NODE_PATH=os.path.join(folder, 'node_modules'))
    out = subprocess.run(['node', '-e', RUN, model, *map(str, x.shape)], input=x.tobytes(), stdout=subprocess.PIPE, env=environment, check=True).stdout
    return np.frombuffer(out, np.float32).reshape(len(x), -1)


def compare(what, ours, theirs):
    """Rounding of float32 is in proportion to a score above 1."""
    assert ours.shape == theirs.shape, (ours.shape, theirs.shape)
    worst = float((np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))).max())
    print(f'{what}: {len(ours)} images, scores from {ours.min():.3g} to {ours.max():.3g}, greatest difference {worst:.1e}{"" if worst <= BOUND else ": TOO LARGE"}', flush=True)
    return worst <= BOUND


def check_in(rows):
    import torch
    from torch import nn
    torch.manual_seed(1)
    n, x = rows.shape[1], (rows / np.float32(rows.max())).astype(np.float32)
    hidden = [nn.ReLU(), nn.LeakyReLU(0.01), nn.ELU(), nn.Sigmoid(), nn.Tanh(), nn.Hardsigmoid(), nn.Hardtanh(), nn.Softplus(), nn.Hardtanh(0, 1)]
    net = nn.Sequential(nn.Flatten(), nn.Linear(n, 40), nn.Dropout(0.3), *(module for phi in hidden for module in (phi, nn.Linear(40, 40, bias=phi is not hidden[0]))), nn.Linear(40, 10)).eval()
    for layer in (module for module in net if isinstance(module, nn.Linear)):
        nn.init.normal_(layer.weight, std=2 / layer.in_features ** 0.5)  # so that images differ behind ten layers
    model, pixels = os.path.join(folder, 'pytorch.onnx'), torch.tensor(x).reshape(-1, 1, n)
    torch.onnx.export(net, pixels[:1], model, dynamic_axes={'input': {0: 'batch'}}, input_names=['input'])
    return compare('from PyTorch', lpom_scores(model, x), net(pixels).detach().numpy())


rows = read_images()
good = True
for model in sorted(glob.glob(os.path.join(folder, '*.onnx'))):
    graph = onnx.load(model)
    onnx.checker.check_model(graph, full_check=True)
    meta = {p.key: p.value for p in graph.metadata_props}
    x = (rows * np.float32(meta['input-scale']) - np.float32(json.loads(meta['input-offsets'])[0])).astype(np.float32)
    good &= compare(f'{os.path.basename(model)[:-5]}, accepted by onnx.checker {onnx.__version__}', lpom_scores(model, rows), onnxruntime_scores(model, x))
try:
    good &= check_in(rows)
except ImportError:
    print('from PyTorch: left out, there is no PyTorch')
sys.exit(0 if good else 1)
