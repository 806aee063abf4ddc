"""The product of two lists of lists."""


def matmul(a, b):
    n, m, p = len(a), len(b), len(b[0])
    result = [[0.0] * p for _ in range(n)]
    for i in range(n):
        for j in range(p):
            total = 0.0
            for k in range(m):
                total += a[i][k] * b[k][j]
            result[i][j] = total
    return result


ENTRY = matmul


def make(r):
    return tuple([[r.random() for _ in range(16)] for _ in range(16)] for _ in range(2))
