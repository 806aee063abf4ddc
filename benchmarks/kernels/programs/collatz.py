"""The longest Collatz chain below a limit."""


def collatz(limit):
    best, length = 0, 0
    for start in range(1, limit):
        n, steps = start, 0
        while n != 1:
            n = n // 2 if n % 2 == 0 else 3 * n + 1
            steps += 1
        if steps > length:
            best, length = start, steps
    return best, length


ENTRY = collatz


def make(r):
    return (r.randint(280, 320),)
