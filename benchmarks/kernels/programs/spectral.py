"""The largest singular value of an infinite matrix, by power iteration."""

from math import sqrt


def A(i, j):
    return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1)


def mul_Av(v):
    n = len(v)
    return [sum(A(i, j) * v[j] for j in range(n)) for i in range(n)]


def mul_Atv(v):
    n = len(v)
    return [sum(A(j, i) * v[j] for j in range(n)) for i in range(n)]


def spectral(n):
    u = [1.0] * n
    for _ in range(3):
        v = mul_Atv(mul_Av(u))
        u = mul_Atv(mul_Av(v))
    vBv = vv = 0.0
    for a, b in zip(u, v):
        vBv += a * b
        vv += b * b
    return sqrt(vBv / vv)


ENTRY = spectral


def make(r):
    return (r.randint(28, 32),)
