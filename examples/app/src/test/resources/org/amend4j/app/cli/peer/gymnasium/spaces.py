"""Spaces and arrays, as far as the bridge uses them."""


class Array(list):
    shape = None

    def astype(self, dtype):
        return Array(dtype(x) for x in self)

    def reshape(self, shape):
        self.shape = shape
        return self


class Picture(bytes):
    dtype = "uint8"

    def __new__(cls, height, width, pixels):
        picture = super().__new__(cls, pixels)
        picture.shape = (height, width, 3)
        return picture

    def tobytes(self):
        return bytes(self)


class Discrete:
    start = 0

    def __init__(self, n):
        self.n = n


class Box:
    def __init__(self, low, high):
        self.low, self.high = low, high


class MultiDiscrete:
    dtype = int

    def __init__(self, nvec):
        self.nvec = Array(nvec)
        self.nvec.shape = (len(nvec),)

    def from_jsonable(self, samples):
        return [Array(sample) for sample in samples]


class Dict:
    def __init__(self, spaces):
        self.spaces = spaces
