"""A sparse matrix times a vector, on array.array."""

from array import array


def SparseCompRow_matmult(M, y, val, row, col, x, num_iterations):
    for p in range(num_iterations):
        for r in range(M):
            sa = 0.0
            for i in range(row[r], row[r + 1]):
                sa += x[col[i]] * val[i]
            y[r] = sa


def make(r):
    M, nz = 100, 500
    x = array("d", [r.random() for _ in range(M)])
    y = array("d", [0.0] * M)
    nr = nz // M
    anz = nr * M
    val = array("d", [r.random() for _ in range(anz)])
    col = array("i", [0]) * nz
    row = array("i", [0]) * (M + 1)
    for k in range(M):
        rowr = row[k]
        step = k // nr or 1
        row[k + 1] = rowr + nr
        for i in range(nr):
            col[rowr + i] = i * step
    return (M, y, val, row, col, x, 3)


ENTRY = SparseCompRow_matmult
