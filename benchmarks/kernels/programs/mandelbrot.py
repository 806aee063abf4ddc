"""Escape times of the Mandelbrot set, on two floats."""


def escape(cr, ci, limit):
    zr = zi = 0.0
    for n in range(limit):
        zr2 = zr * zr
        zi2 = zi * zi
        if zr2 + zi2 > 4.0:
            return n
        zi = 2.0 * zr * zi + ci
        zr = zr2 - zi2 + cr
    return limit


def mandelbrot(w, h, limit):
    return [
        [escape(3.0 * x / w - 2.0, 2.0 * y / h - 1.0, limit) for x in range(w)] for y in range(h)
    ]


ENTRY = mandelbrot


def make(r):
    return (r.randint(18, 22), 14, 60)
