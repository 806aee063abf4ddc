"""Shortest paths from one node, by a heap."""

import heapq


def dijkstra(graph, start):
    dist = {start: 0}
    heap = [(0, start)]
    while heap:
        d, u = heapq.heappop(heap)
        if d > dist[u]:
            continue
        for v, w in graph[u]:
            nd = d + w
            if v not in dist or nd < dist[v]:
                dist[v] = nd
                heapq.heappush(heap, (nd, v))
    return dist


ENTRY = dijkstra


def make(r):
    n = 150
    return ({u: [(r.randrange(n), r.randrange(1, 50)) for _ in range(5)] for u in range(n)}, 0)
