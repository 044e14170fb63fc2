"""The other side of PythonSafetensorsTest: the Hugging Face library reads and writes the same files.

safetensors_peer.py dump FILE          one line per metadata entry and tensor, values as the hex of their bytes
safetensors_peer.py resave FILE FILE   loads and saves again, metadata kept
safetensors_peer.py make FILE          saves tensors whose values follow from their place
"""

import sys

import numpy
from safetensors import safe_open
from safetensors.numpy import load_file, save_file


def metadata(path):
    with safe_open(path, framework="np") as file:
        return file.metadata() or {}


def dump(path):
    for key, value in sorted(metadata(path).items()):
        print("metadata", key, value.encode("utf-8").hex(), sep="\t")
    for name, array in sorted(load_file(path).items()):
        shape = ",".join(str(size) for size in array.shape)
        content = numpy.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes().hex()
        print("tensor", name, array.dtype.name, shape, content, sep="\t")


def make(path):
    def counted(dtype, *shape):
        return (numpy.arange(numpy.prod(shape, dtype=int)).reshape(shape) / 8).astype(dtype)

    save_file(
        {
            "base_model.model.d.lora_A.weight": counted("float32", 2, 3),
            "base_model.model.d.lora_B.weight": counted("float16", 4, 2),
            "base_model.model.out.weight": counted("float64", 5, 4),
            "base_model.model.out.bias": counted("float64", 5),
        },
        path,
        {"format": "pt"},
    )


if __name__ == "__main__":
    {"dump": dump, "resave": lambda a, b: save_file(load_file(a), b, metadata(a)), "make": make}[sys.argv[1]](
        *sys.argv[2:]
    )
