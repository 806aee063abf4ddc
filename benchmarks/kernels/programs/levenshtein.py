"""The edit distance of two strings, by rows."""


def levenshtein(s, t):
    if s == t:
        return 0
    if not s:
        return len(t)
    if not t:
        return len(s)
    previous = list(range(len(t) + 1))
    for i, a in enumerate(s):
        current = [i + 1]
        for j, b in enumerate(t):
            insert = previous[j + 1] + 1
            delete = current[j] + 1
            change = previous[j] + (a != b)
            current.append(min(insert, delete, change))
        previous = current
    return previous[-1]


ENTRY = levenshtein


def make(r):
    return tuple("".join(r.choice("abcdef") for _ in range(70)) for _ in range(2))
