#!/usr/bin/env python3
"""Makes the files beside it, by numpy itself: NpyFixtureTests reads them. Run it in this folder; needs numpy.

types.npz     [[0, 1, 2], [3, 4, 5]] (bool: not zero) of every type, in both byte orders, and in Fortran order
cube.npz      arange(24) of shape (2, 3, 4) in C and in Fortran order, compressed
version-N.npy [[0, 1, 2], [3, 4, 5]] as float32, in versions 1.0, 2.0 and 3.0 of the format
set.npz       Keras' names: 20 and 10 uint8 images of 3x4 in three classes, compressed
table.npy     12 rows of two float64 and a class, 3 or 5
"""
import numpy as np

table = np.arange(6).reshape(2, 3)
types = {}
for kind in ["b1", "u1", "i1"]:
    types[kind] = table.astype(kind)
for kind in ["u2", "u4", "u8", "i2", "i4", "i8", "f2", "f4", "f8"]:
    types[kind + "_little"] = table.astype("<" + kind)
    types[kind + "_big"] = table.astype(">" + kind)
types["f4_fortran"] = np.asfortranarray(table.astype("<f4"))
types["i2_big_fortran"] = np.asfortranarray(table.astype(">i2"))
np.savez("types.npz", **types)

cube = np.arange(24, dtype="<f4").reshape(2, 3, 4)
np.savez_compressed("cube.npz", c=cube, fortran=np.asfortranarray(cube))

for major in (1, 2, 3):
    with open(f"version-{major}.npy", "wb") as file:
        np.lib.format.write_array(file, table.astype("<f4"), version=(major, 0))

images = (np.arange(30 * 12) * 7 % 256).astype(np.uint8).reshape(30, 3, 4)
labels = (np.arange(30) % 3).astype(np.uint8)
np.savez_compressed("set.npz", x_train=images[:20], y_train=labels[:20], x_test=images[20:], y_test=labels[20:])

rows = np.arange(12)
np.save("table.npy", np.stack([rows * 0.5, -rows * 2.0, np.where(rows % 2 == 0, 5, 3)], axis=1))
