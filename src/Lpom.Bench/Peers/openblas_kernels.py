"""OpenBLAS with the fastest kernels that it has for this processor; to be imported before numpy and torch.

Settings of the environment that choose slower ones go. A processor newer than the library is unknown to it, and gets
kernels of 2004: it is told to use its best AVX-512 ones where the processor has that.
"""
import _ctypes
import ctypes
import os

AVX512_KERNELS = ("SkylakeX", "Cooperlake", "SapphireRapids", "Zen4", "Zen5")


def has_avx512():
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
            return any(line.startswith("flags") and "avx512f" in line.split() for line in info)
    except OSError:
        return False


def chosen_kernels():
    """The name of those that OpenBLAS chooses; None when it is not there."""
    try:
        library = ctypes.CDLL("libopenblas.so.0")
    except OSError:
        return None
    library.openblas_get_corename.restype = ctypes.c_char_p
    name = library.openblas_get_corename().decode()
    _ctypes.dlclose(library._handle)
    return name


for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(variable, None)
if has_avx512() and chosen_kernels() not in (None, *AVX512_KERNELS):
    os.environ["OPENBLAS_CORETYPE"] = "SapphireRapids"
