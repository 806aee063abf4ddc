"""Comma-separated values, character by character."""


def parse_csv(text):
    rows = []
    row = []
    field = []
    in_quotes = False
    i = 0
    n = len(text)
    while i < n:
        c = text[i]
        if in_quotes:
            if c == '"':
                if i + 1 < n and text[i + 1] == '"':
                    field.append('"')
                    i += 1
                else:
                    in_quotes = False
            else:
                field.append(c)
        elif c == '"':
            in_quotes = True
        elif c == ",":
            row.append("".join(field))
            field = []
        elif c == "\n":
            row.append("".join(field))
            field = []
            rows.append(row)
            row = []
        else:
            field.append(c)
        i += 1
    if field or row:
        row.append("".join(field))
        rows.append(row)
    return rows


ENTRY = parse_csv


def make(r):
    return (
        "".join(
            ",".join(
                r.choice(['"a ""q"" b"', str(r.randrange(10000)), "hello world"]) for _ in range(6)
            )
            + "\n"
            for _ in range(25)
        ),
    )
