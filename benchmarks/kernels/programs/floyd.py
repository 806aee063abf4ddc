"""All shortest paths, in place."""


def floyd_warshall(dist):
    n = len(dist)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if dist[i][k] + dist[k][j] < dist[i][j]:
                    dist[i][j] = dist[i][k] + dist[k][j]
    return dist


ENTRY = floyd_warshall


def make(r):
    return ([[0.0 if i == j else r.random() * 10 for j in range(22)] for i in range(22)],)
