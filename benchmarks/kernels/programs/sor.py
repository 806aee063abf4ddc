"""Successive over-relaxation on a matrix class."""


class ArrayList(object):
    def __init__(self, w, h, data=None):
        self.width = w
        self.height = h
        self.data = [0.0] * (w * h)
        if data is not None:
            self.setup(data)

    def _idx(self, x, y):
        if 0 <= x < self.width and 0 <= y < self.height:
            return y * self.width + x
        raise IndexError

    def __getitem__(self, x_y):
        x, y = x_y
        return self.data[self._idx(x, y)]

    def __setitem__(self, x_y, val):
        x, y = x_y
        self.data[self._idx(x, y)] = val

    def setup(self, data):
        for y in range(self.height):
            for x in range(self.width):
                self[x, y] = data[y][x]
        return self


def SOR_execute(omega, G, num_iterations):
    for p in range(num_iterations):
        for y in range(1, G.height - 1):
            for x in range(1, G.width - 1):
                G[x, y] = (
                    omega * 0.25 * (G[x, y - 1] + G[x, y + 1] + G[x - 1, y] + G[x + 1, y])
                    + (1.0 - omega) * G[x, y]
                )


ENTRY = SOR_execute


def make(r):
    n = 14
    return (1.25, ArrayList(n, n, [[r.random() for _ in range(n)] for _ in range(n)]), 6)
