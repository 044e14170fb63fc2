"""Spaces and arrays, as far as the bridge uses them."""


class Array(list):
    shape = None

    def ravel(self):
        return self

    def tolist(self):
        return list(self)

    def astype(self, dtype):
        return Array(dtype(x) for x in self)

    def reshape(self, shape):
        self.shape = shape
        return self


class Bytes(Array):
    dtype = "uint8"

    @property
    def size(self):
        return len(self)

    def tobytes(self):
        return bytes(self)


class Picture(Bytes):
    def __init__(self, shape, numbers):
        super().__init__(numbers)
        self.shape = shape


class Discrete:
    def __init__(self, n, start=0):
        self.n = n
        self.start = start


class MultiDiscrete:
    dtype = int

    def __init__(self, nvec, start):
        self.nvec = Array(nvec)
        self.nvec.shape = (len(nvec),)
        self.start = Array(start)

    def from_jsonable(self, samples):
        return [Array(sample) for sample in samples]


class Dict:
    def __init__(self, spaces):
        self.spaces = spaces


class Box:
    def __init__(self, low, high, dtype=float):
        self.dtype = dtype
        self.shape = (len(low), len(low[0]))
        self.low = Array(x for row in low for x in row)
        self.high = Array(x for row in high for x in row)

    def from_jsonable(self, samples):
        return [Array(sample) for sample in samples]
