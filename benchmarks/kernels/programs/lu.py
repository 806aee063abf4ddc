"""LU decomposition with pivots, in place."""


def lu_factor(A, pivot, M, N):
    minMN = min(M, N)
    for j in range(minMN):
        jp = j
        t = abs(A[j][j])
        for i in range(j + 1, M):
            ab = abs(A[i][j])
            if ab > t:
                jp = i
                t = ab
        pivot[j] = jp
        if A[jp][j] == 0:
            raise Exception("factorization failed because of zero pivot")
        if jp != j:
            A[j], A[jp] = A[jp], A[j]
        if j < M - 1:
            recp = 1.0 / A[j][j]
            for k in range(j + 1, M):
                A[k][j] *= recp
        if j < minMN - 1:
            for ii in range(j + 1, M):
                for jj in range(j + 1, N):
                    A[ii][jj] -= A[ii][j] * A[j][jj]


ENTRY = lu_factor


def make(r):
    n = 20
    return ([[r.random() for _ in range(n)] for _ in range(n)], [0] * n, n, n)
