#!/usr/bin/python3
"""The comparing part of check-c-abi.sh.        usage: check_c_abi.py LPOM LIBRARY MODEL ONNX ROWS ANSWERS FOLDER
LPOM is the command line, ROWS a CSV file of samples, ANSWERS what examples/c/classify says of them."""
import importlib.util
import json
import os
import struct
import subprocess
import sys

import numpy as np

lpom_program, library, model, onnx, rows, answers, folder = sys.argv[1:]
BOUND = 1e-4   # of scores of size 5: the order of sums differs where preprocessing is folded
spec = importlib.util.spec_from_file_location('online', os.path.join(os.path.dirname(os.path.abspath(__file__)), '../examples/python/online.py'))
online = importlib.util.module_from_spec(spec)
spec.loader.exec_module(online)
lpom = online.Lpom(library)
x = np.loadtxt(rows, delimiter=',', dtype=np.float32)


def scores_of_the_command_line(path):
    lines = subprocess.run([*lpom_program.split(), 'predict', path, rows, '--json'], stdout=subprocess.PIPE, text=True, check=True).stdout
    return np.array([json.loads(line)['scores'] for line in lines.splitlines()], dtype=np.float32)


def expect(fact, what):
    if not fact:
        sys.exit(f'check_c_abi.py: {what}')


def compare(path):
    loaded, expected = online.Model.load(lpom, path), scores_of_the_command_line(path)
    difference = np.abs(loaded.predict(x) - expected).max()
    expect(difference <= BOUND, f'{path}: the scores differ from those of lpom predict by {difference}')
    print(f'{os.path.basename(path)}: the scores of lpom predict, to {difference:.1e}')
    return loaded


def with_preprocessing(path):
    """The model file with other preprocessing in its metadata, such as that of images."""
    raw = open(model, 'rb').read()
    length, = struct.unpack('<Q', raw[:8])
    header = json.loads(raw[8:8 + length])
    header['__metadata__'].update({'input-scale': '0.0625', 'input-offsets': '[0.25]'})
    text = json.dumps(header).encode()
    open(path, 'wb').write(struct.pack('<Q', len(text)) + text + raw[8 + length:])
    return path


def check_saved(loaded, path):
    saved = os.path.join(folder, 'saved.safetensors')
    loaded.save(saved)
    expect(np.array_equal(scores_of_the_command_line(saved), scores_of_the_command_line(path)), f'{path}: saved, lpom predict gives other scores')
    expect(np.array_equal(online.Model.load(lpom, saved).predict(x), loaded.predict(x)), f'{path}: saved and loaded, it gives other scores')


def check_divergence(start, labels):
    trainer = online.Trainer(start)
    expect(np.array_equal(trainer.model().predict(x), start.predict(x)), 'a new trainer has another model than it started from')
    trainer.step(x[:600], labels[:600])
    good = trainer.model().predict(x)
    expect(not np.array_equal(good, start.predict(x)), 'training changed nothing')
    try:
        for _ in range(100):
            trainer.step(np.full((50, x.shape[1]), 3e38), labels[:50])
        expect(False, 'training on rows of 3e38 did not diverge')
    except RuntimeError as error:
        expect('diverged' in str(error), f'no divergence, but: {error}')
    expect(np.array_equal(trainer.model().predict(x), good), 'after a divergence the model is not the last good one')
    trainer.step(x[:600], labels[:600])
    expect(np.isfinite(trainer.model().predict(x)).all(), 'after a divergence training does not go on')


plain = compare(model)
compare(onnx)
check_saved(plain, model)
expect(open(model, 'rb').read() == open(os.path.join(folder, 'saved.safetensors'), 'rb').read(), 'a model that is loaded and saved is not the same file')
check_saved(online.Model.load(lpom, onnx), onnx)
scaled = with_preprocessing(os.path.join(folder, 'scaled.safetensors'))
check_saved(compare(scaled), scaled)
expected = plain.predict(x)
said = np.loadtxt(answers)
expect(np.array_equal(said[:, 0], expected.argmax(1)) and np.array_equal(said[:, 1].astype(np.float32), expected.max(1)), 'classify gives other answers')
check_divergence(plain, expected.argmax(1))
print('classify, saving and divergence as they should be')
