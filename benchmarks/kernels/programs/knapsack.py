"""The best value within a capacity, by a table."""


def knapsack(values, weights, capacity):
    n = len(values)
    dp = [[0] * (capacity + 1) for _ in range(n + 1)]
    for i in range(1, n + 1):
        for w in range(capacity + 1):
            if weights[i - 1] <= w:
                dp[i][w] = max(dp[i - 1][w], dp[i - 1][w - weights[i - 1]] + values[i - 1])
            else:
                dp[i][w] = dp[i - 1][w]
    return dp[n][capacity]


ENTRY = knapsack


def make(r):
    return ([r.randrange(1, 100) for _ in range(20)], [r.randrange(1, 30) for _ in range(20)], 250)
