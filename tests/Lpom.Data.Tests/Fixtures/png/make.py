#!/usr/bin/env python3
"""Makes the files beside it: PngReaderTests reads them. Run it in this folder; needs Pillow, which also reads every file to check it.

TYPE-DEPTH[-interlaced].png   11x9 pixels, encoded here byte by byte, of every colour type, depth and filter; two chunks IDAT
pillow-*.png                  the same pixels, written by Pillow

The sample of channel c at column x, row y is (37x + 59y + 91c + xy + 257x) modulo 2^depth, alpha is full, and colour i of a
palette is (5i, 255 - i, i * i) modulo 256.
"""
import glob
import os
import struct
import zlib
from PIL import Image

WIDTH, HEIGHT = 11, 9
TYPES = {"grey": (0, 1, [1, 2, 4, 8, 16]), "rgb": (2, 3, [8, 16]), "palette": (3, 1, [1, 2, 4, 8]), "grey-alpha": (4, 2, [8, 16]), "rgb-alpha": (6, 4, [8, 16])}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def sample(x, y, c, depth, kind):
    if kind.endswith("alpha") and c == TYPES[kind][1] - 1:
        return 2 ** depth - 1
    return (37 * x + 59 * y + 91 * c + x * y + 257 * x) % 2 ** depth


def palette(depth):
    return bytes(v % 256 for i in range(2 ** depth) for v in (5 * i, 255 - i, i * i))


def packed(samples, depth):
    bits = "".join(format(s, f"0{depth}b") for s in samples)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))


def paeth(a, b, c):
    p = a + b - c
    return min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]


def filtered(kind, row, above, step):
    left = bytes(step) + row
    corner = bytes(step) + above
    predict = [lambda a, b, c: 0, lambda a, b, c: a, lambda a, b, c: b, lambda a, b, c: (a + b) // 2, paeth][kind]
    return bytes([kind]) + bytes((v - predict(left[i], above[i], corner[i])) % 256 for i, v in enumerate(row))


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def make(kind, depth, interlaced):
    number, channels, _ = TYPES[kind]
    step = max(1, channels * depth // 8)
    content, rows = b"", 0
    for x0, y0, dx, dy in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        columns = range(x0, WIDTH, dx)
        above = None
        for y in range(y0, HEIGHT, dy):
            row = packed([sample(x, y, c, depth, kind) for x in columns for c in range(channels)], depth)
            content += filtered(rows % 5, row, above or bytes(len(row)), step)
            above, rows = row, rows + 1
    data = zlib.compress(content, 9)
    name = f"{kind}-{depth}{'-interlaced' if interlaced else ''}.png"
    with open(name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.write(chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, number, 0, 0, int(interlaced))))
        file.write(chunk(b"gAMA", struct.pack(">I", 45455)))
        if kind == "palette":
            file.write(chunk(b"PLTE", palette(depth)))
        file.write(chunk(b"IDAT", data[:7]) + chunk(b"IDAT", data[7:]))
        file.write(chunk(b"tEXt", b"Comment\0x") + chunk(b"IEND", b""))
    check(name, kind, depth)


def check(name, kind, depth):
    image = Image.open(name).convert("L" if kind.startswith("grey") and depth < 16 else "RGB" if kind != "grey" else "I")
    for y in range(HEIGHT):
        for x in range(WIDTH):
            found = image.getpixel((x, y))
            if kind == "palette":
                i = sample(x, y, 0, depth, kind)
                expected = tuple(palette(depth)[3 * i:3 * i + 3])
            elif kind == "grey" and depth == 16:
                expected = sample(x, y, 0, depth, kind)
            else:
                # Pillow cuts off the low byte of 16 bits.
                values = [sample(x, y, c, depth, kind) * 255 // (2 ** depth - 1) if depth < 16 else sample(x, y, c, depth, kind) >> 8 for c in range(3)]
                expected = values[0] if isinstance(found, int) else tuple(values if kind.startswith("rgb") else values[:1] * 3)
            assert found == expected, (name, x, y, found, expected)


def save(name, mode, value, **options):
    image = Image.new(mode, (WIDTH, HEIGHT))
    if mode == "P":
        image.putpalette(palette(8))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            image.putpixel((x, y), value(x, y))
    image.save(name, **options)


for old in glob.glob("*.png"):
    os.remove(old)
for kind, (_, _, depths) in TYPES.items():
    for depth in depths:
        make(kind, depth, False)
        make(kind, depth, True)
save("pillow-grey-8.png", "L", lambda x, y: sample(x, y, 0, 8, "grey"))
save("pillow-grey-16.png", "I", lambda x, y: sample(x, y, 0, 16, "grey"))
save("pillow-grey-1.png", "1", lambda x, y: sample(x, y, 0, 1, "grey") * 255)
save("pillow-rgb-8.png", "RGB", lambda x, y: tuple(sample(x, y, c, 8, "rgb") for c in range(3)), optimize=True)
save("pillow-rgb-alpha-8.png", "RGBA", lambda x, y: tuple(sample(x, y, c, 8, "rgb-alpha") for c in range(4)))
save("pillow-palette-8.png", "P", lambda x, y: sample(x, y, 0, 8, "palette"))
