"""Spaces, as far as the bridge uses them."""


class Discrete:
    start = 0

    def __init__(self, n):
        self.n = n


class Box:
    def __init__(self, low, high):
        self.low, self.high = low, high
