#!/usr/bin/python3
"""A model that meets other data than it was trained on: predicts, goes on training with the rows as they come, predicts again, saves.

    eng/publish-c.sh out                       (once: out/liblpom.so and the images)
    lpom train                                 (the built-in digits: model.safetensors)
    python3 examples/python/online.py out/liblpom.so model.safetensors src/Lpom.Data/Builtin/digits.csv.gz online.safetensors

The rows are those of a camera that is mounted upside down. Needs numpy; ctypes is Python's own."""
import ctypes
import gzip
import sys
from ctypes import POINTER, c_char_p, c_int, c_void_p, byref

import numpy as np

SIGNATURES = {
    'lpom_load': [c_char_p, POINTER(c_void_p)], 'lpom_save': [c_void_p, c_char_p], 'lpom_free': [c_void_p],
    'lpom_inputs': [c_void_p], 'lpom_outputs': [c_void_p],
    'lpom_predict': [c_void_p, c_void_p, c_int, c_void_p, c_int], 'lpom_predict_batch': [c_void_p, c_void_p, c_int, c_void_p, c_int],
    'lpom_trainer_create': [c_void_p, POINTER(c_void_p)], 'lpom_train_step': [c_void_p, c_void_p, c_void_p, c_int],
    'lpom_trainer_model': [c_void_p, POINTER(c_void_p)], 'lpom_trainer_free': [c_void_p],
}


class Lpom:
    """The functions of liblpom.so, with exceptions for statuses."""

    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        self.library.lpom_last_error.restype = c_char_p
        for name, arguments in SIGNATURES.items():
            getattr(self.library, name).argtypes = arguments
        for name in ('lpom_free', 'lpom_trainer_free'):
            getattr(self.library, name).restype = None

    def call(self, name, *arguments):
        if getattr(self.library, name)(*arguments) != 0:
            raise RuntimeError(self.library.lpom_last_error().decode())

    def make(self, name, *arguments):
        """Calls a function whose last argument receives a handle."""
        handle = c_void_p()
        self.call(name, *arguments, byref(handle))
        return handle


class Model:
    """A network that predicts; any number of threads may."""

    def __init__(self, lpom, handle):
        self.lpom, self.handle = lpom, handle
        self.inputs, self.outputs = lpom.library.lpom_inputs(handle), lpom.library.lpom_outputs(handle)

    @classmethod
    def load(cls, lpom, path):
        return cls(lpom, lpom.make('lpom_load', path.encode()))

    def predict(self, x):
        """The scores [rows × outputs] of samples [rows × inputs]."""
        x = np.ascontiguousarray(x, dtype=np.float32)
        if x.ndim != 2 or x.shape[1] != self.inputs:
            raise ValueError(f'x has shape {x.shape}, the model takes rows of {self.inputs} values')
        scores = np.empty((len(x), self.outputs), dtype=np.float32)
        self.lpom.call('lpom_predict_batch', self.handle, x.ctypes.data, len(x), scores.ctypes.data, scores.size)
        return scores

    def save(self, path):
        self.lpom.call('lpom_save', self.handle, path.encode())

    def __del__(self):
        self.lpom.library.lpom_free(self.handle)


class Trainer:
    """Trains on rows as they come, from a model that stays as it is."""

    def __init__(self, model):
        self.lpom, self.inputs = model.lpom, model.inputs
        self.handle = self.lpom.make('lpom_trainer_create', model.handle)

    def step(self, x, labels):
        x, labels = np.ascontiguousarray(x, dtype=np.float32), np.ascontiguousarray(labels, dtype=np.int32)
        if x.shape != (len(labels), self.inputs):
            raise ValueError(f'x has shape {x.shape}, expected {(len(labels), self.inputs)}')
        self.lpom.call('lpom_train_step', self.handle, x.ctypes.data, labels.ctypes.data, len(x))

    def model(self):
        return Model(self.lpom, self.lpom.make('lpom_trainer_model', self.handle))

    def __del__(self):
        if hasattr(self, 'handle'):
            self.lpom.library.lpom_trainer_free(self.handle)


def main(library, model_path, data, output):
    lpom = Lpom(library)
    model = Model.load(lpom, model_path)
    rows = np.loadtxt(gzip.open(data) if data.endswith('.gz') else data, delimiter=',', dtype=np.float32)
    x, labels = rows[:, -2::-1], rows[:, -1].astype(np.int32)      # the pixels from the last to the first: upside down
    train, test = slice(0, len(x) * 4 // 5), slice(len(x) * 4 // 5, None)
    accuracy = lambda model: (model.predict(x[test]).argmax(1) == labels[test]).mean()
    print(f'before: {accuracy(model):.3f} of the test rows')

    trainer = Trainer(model)
    order = np.random.default_rng(1)
    for epoch in range(10):
        for batch in np.array_split(order.permutation(train.stop), train.stop // 50):
            trainer.step(x[batch], labels[batch])
    trained = trainer.model()
    print(f'after:  {accuracy(trained):.3f} of the test rows')

    trained.save(output)
    again = Model.load(lpom, output)
    print(f'{output}: the same scores' if np.array_equal(again.predict(x), trained.predict(x)) else f'{output}: other scores')


if __name__ == '__main__':
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (OSError, RuntimeError) as error:
        sys.exit(f'online.py: {error}')
