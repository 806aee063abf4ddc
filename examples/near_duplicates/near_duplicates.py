"""Find near-duplicate functions in Python source files.

Usage: near_duplicates.py [--files N] [--batch N] [--every N] [--report FILE] [FOLDER ...]

Reads the modules below each FOLDER (the standard library of the running Python by default) in batches.
Each function is reduced to a string with one letter a token, candidates are found by shared shingles,
compared by edit distance, ranked, and clustered. Prints one line a batch; --report also writes one
JSON line a batch with a digest of all that was found. With --every only each Nth batch is done.
"""

import argparse
import builtins
import hashlib
import json
import keyword
import re
import sysconfig
import time
from pathlib import Path

TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|\"[^\"\n]*\"|'[^'\n]*'|[^\w\s]")
KEEP = keyword.kwlist + dir(builtins)
LETTERS = [chr(0x100 + i) for i in range(len(KEEP))]
SHINGLE = 6
LONGEST = 120
NEIGHBOURS = 3
LEVELS = [level / 80 for level in range(64, 74)]


def extract(text):
    """The functions of a module: (name, source) for each ``def`` with a body of its own."""
    found = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        head = line.lstrip()
        if not head.startswith("def "):
            continue
        indent = len(line) - len(head)
        end = number + 1
        while end < len(lines):
            body = lines[end].lstrip()
            if body and len(lines[end]) - len(body) <= indent and body[0] not in ")#":
                break
            end += 1
        if end - number >= 4:
            found.append((head[4:].split("(")[0], "\n".join(lines[number:end])))
    return found


def normalise(tokens, keep):
    """Replace what a programmer is free to choose: names, numbers and texts become one word each."""
    kept = []
    for token in tokens:
        if token in keep:
            kept.append(token)
        elif token[0].isalpha() or token[0] == "_":
            kept.append("name")
        elif token[0].isdigit():
            kept.append("0")
        elif token[0] in "\"'":
            kept.append('"')
        else:
            kept.append(token)
    return kept


def spell(words):
    """One letter a word, so that functions can be compared as strings."""
    letters = dict(zip(KEEP, LETTERS, strict=True))
    return "".join(letters.get(word, word[0]) for word in words)


def edit_distance(a, b):
    """Levenshtein distance of two strings."""
    previous = list(range(len(b) + 1))
    for i in range(len(a)):
        current = [i + 1]
        for j in range(len(b)):
            cost = 0 if a[i] == b[j] else 1
            current.append(min(current[j] + 1, previous[j + 1] + 1, previous[j] + cost))
        previous = current
    return previous[len(b)]


def sort_a(rows):
    """Rows by score, best first; equal scores keep their order."""
    ranked = list(rows)
    for i in range(1, len(ranked)):
        row = ranked[i]
        j = i - 1
        while j >= 0 and ranked[j][0] > row[0]:
            ranked[j + 1] = ranked[j]
            j -= 1
        ranked[j + 1] = row
    return ranked


def sort_b(rows):
    """Rows by score, best first; equal scores keep their order."""
    return sorted(rows, key=lambda row: row[0])


def cluster(size, pairs):
    """Label the members of each cluster with its smallest member, by relaxing pairs from a queue."""
    labels = list(range(size))
    queue = list(pairs)
    while queue:
        first, second = queue.pop(0)
        low = min(labels[first], labels[second])
        if labels[first] != low or labels[second] != low:
            labels[first] = labels[second] = low
            queue.append((first, second))
    return labels


def shingles(text):
    """The different windows of SHINGLE letters, in the order of the text."""
    found = []
    for i in range(len(text) - SHINGLE + 1):
        window = text[i : i + SHINGLE]
        if window not in found:
            found.append(window)
    return found


def process(texts):
    """One batch: its functions, how near each is to its nearest, and the clusters at every level."""
    names, spelt = [], []
    for text in texts:
        for name, source in extract(text):
            letters = spell(normalise(TOKEN.findall(source), KEEP))[:LONGEST]
            if len(letters) >= 40:
                names.append(name)
                spelt.append(letters)
    grams = [set(shingles(letters)) for letters in spelt]
    scored = []
    nearest = []
    for i in range(len(names)):
        rows = []
        for j in range(len(names)):
            if i != j:
                shared = len(grams[i] & grams[j])
                rows.append((1 - shared / min(len(grams[i]), len(grams[j])), j))
        ranked = sort_a(rows)
        for score, j in ranked:
            if i < j:
                scored.append((score, i, j))
        for _, j in ranked[:NEIGHBOURS]:
            distance = edit_distance(spelt[i], spelt[j])
            nearest.append((distance, names[i], names[j]))
    nearest.sort()
    groups = []
    for level in LEVELS:
        labels = cluster(len(names), [(i, j) for score, i, j in scored if score <= level])
        groups.append(len(set(labels)))
    return {"functions": len(names), "nearest": nearest, "groups": groups}


def modules(folders, limit):
    """The source files below some folders, in a fixed order, without packages installed in them."""
    paths = []
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if len(paths) == limit:
                return paths
            inside = path.relative_to(folder).parts
            if "site-packages" not in inside and path.stat().st_size < 200_000:
                paths.append(path)
    return paths


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    library = Path(sysconfig.get_path("stdlib"))
    parser.add_argument("folders", nargs="*", type=Path, default=[library], metavar="FOLDER")
    parser.add_argument("--files", type=int, default=900)
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    paths = modules(options.folders, options.files)
    report = options.report.open("w") if options.report else None
    for number, start in enumerate(range(0, len(paths), options.batch), 1):
        if number % options.every:
            continue
        began, cpu = time.perf_counter(), time.thread_time()
        chosen = paths[start : start + options.batch]
        found = process([path.read_text(encoding="utf-8", errors="replace") for path in chosen])
        seconds, cpu = time.perf_counter() - began, time.thread_time() - cpu
        near = sum(1 for distance, _, _ in found["nearest"] if distance <= 8)
        print(
            f"batch {number:3}: {len(chosen)} files, {found['functions']:3} functions, "
            f"{near:3} near duplicates, {len(chosen) / seconds:6.1f} files/s",
            flush=True,
        )
        if report:
            digest = hashlib.sha256(json.dumps(found).encode()).hexdigest()
            row = {
                "batch": number,
                "files": len(chosen),
                "read": start + len(chosen),
                "seconds": seconds,
                "cpu": cpu,
                "digest": digest,
            }
            print(json.dumps(row), file=report, flush=True)
    if report:
        report.close()


if __name__ == "__main__":
    main()
