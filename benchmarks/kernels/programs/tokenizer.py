"""Words, numbers and operators of a text."""


def tokenize(text):
    tokens = []
    i = 0
    n = len(text)
    while i < n:
        c = text[i]
        if c.isspace():
            i += 1
        elif c.isdigit():
            start = i
            while i < n and (text[i].isdigit() or text[i] == "."):
                i += 1
            tokens.append(("NUM", text[start:i]))
        elif c.isalpha() or c == "_":
            start = i
            while i < n and (text[i].isalnum() or text[i] == "_"):
                i += 1
            word = text[start:i]
            tokens.append(("KW" if word in ("if", "else", "while") else "NAME", word))
        elif c in "+-*/()=<>":
            tokens.append(("OP", c))
            i += 1
        else:
            raise SyntaxError("unexpected %r at %d" % (c, i))
    return tokens


ENTRY = tokenize


def make(r):
    return (
        " ".join(
            r.choice(["if", "alpha_1", "x", "3.14", "42", "(", ")", "+", "else", "value", "=", "<"])
            for _ in range(300)
        ),
    )
