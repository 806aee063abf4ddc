"""How often each word of a text occurs."""


def word_count(text):
    counts = {}
    for line in text.splitlines():
        for word in line.split():
            word = word.strip(".,;!?").lower()
            if word:
                counts[word] = counts.get(word, 0) + 1
    return counts


ENTRY = word_count


def make(r):
    ws = ["The", "quick,", "brown", "fox", "jumps.", "over", "lazy!", "dog", "Again;", "and"]
    return ("\n".join(" ".join(r.choice(ws) for _ in range(10)) for _ in range(60)),)
