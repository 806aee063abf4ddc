"""Pairs on text."""

import bisect
import collections
import re
import string


def join_lines(lines: list[str]) -> str:
    text = ""
    for line in lines:
        text += line + "\n"
    return text


def join_lines_2(lines: list[str]) -> str:
    return "".join(line + "\n" for line in lines)


def palindrome(text: str) -> bool:
    for i in range(len(text) // 2):
        if text[i] != text[len(text) - 1 - i]:
            return False
    return True


def palindrome_2(text: str) -> bool:
    return text == text[::-1]


def vowels(text: str) -> int:
    n = 0
    for c in text:
        if c in "aeiou":
            n += 1
    return n


def vowels_2(text: str) -> int:
    return sum(text.count(c) for c in "aeiou")


def initials(name):
    out = ""
    for part in name.split():
        out += part[0].upper()
    return out


def initials_2(name):
    return "".join(part[:1].upper() for part in name.split())


def title_words(text: str) -> str:
    return " ".join([w[0].upper() + w[1:] for w in text.split()])


def title_words_2(text: str) -> str:
    out = []
    for w in text.split():
        out.append(w[:1].upper() + w[1:])
    return " ".join(out)


def caesar(text: str, shift: int) -> str:
    out = ""
    for c in text:
        if "a" <= c <= "z":
            out += chr((ord(c) - 97 + shift) % 26 + 97)
        else:
            out += c
    return out


def caesar_2(text: str, shift: int) -> str:
    letters = string.ascii_lowercase
    shift %= 26
    return text.translate(str.maketrans(letters, letters[shift:] + letters[:shift]))


def prefix(words: list[str]) -> str:
    if not words:
        return ""
    found = words[0]
    for word in words[1:]:
        while not word.startswith(found):
            found = found[:-1]
    return found


def prefix_2(words: list[str]) -> str:
    found = ""
    for letters in zip(*words):
        if len(set(letters)) > 1:
            break
        found += letters[0]
    return found


def digits_only(text: str) -> str:
    return "".join(c for c in text if c in "0123456789")


def digits_only_2(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def pad(text: str, width: int) -> str:
    while len(text) < min(width, 500):
        text = text + " "
    return text


def pad_2(text: str, width: int) -> str:
    return text.ljust(max(0, min(width, 500)))


def parse_pairs(text: str) -> dict[str, str]:
    found = {}
    for part in text.split("&"):
        if "=" in part:
            name, value = part.split("=", 1)
            found[name] = value
    return found


def parse_pairs_2(text: str) -> dict[str, str]:
    parts = (part.partition("=") for part in text.split("&"))
    return {name: value for name, sign, value in parts if sign}


def longest(words: list[str]) -> str:
    best = ""
    for word in words:
        if len(word) > len(best):
            best = word
    return best


def longest_2(words: list[str]) -> str:
    return max(words, key=len, default="")


def anagrams(a: str, b: str) -> bool:
    return sorted(a) == sorted(b)


def anagrams_2(a: str, b: str) -> bool:
    return len(a) == len(b) and collections.Counter(a) == collections.Counter(b)


def squeeze(text: str) -> str:
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def squeeze_2(text: str) -> str:
    return re.sub(" +", " ", text)


def is_number(text: str) -> bool:
    if not text:
        return False
    for c in text:
        if c not in "0123456789":
            return False
    return True


def is_number_2(text: str) -> bool:
    return re.fullmatch("[0-9]+", text) is not None


def snake(name: str) -> str:
    out = []
    for i, c in enumerate(name):
        if "A" <= c <= "Z":
            if i > 0:
                out.append("_")
            out.append(c.lower())
        else:
            out.append(c)
    return "".join(out)


def snake_2(name: str) -> str:
    out = ""
    for c in name:
        if "A" <= c <= "Z":
            out += ("_" if out else "") + c.lower()
        else:
            out += c
    return out


def tail_lines(text: str, n: int) -> list[str]:
    lines = text.split("\n")
    return lines[-n:] if n > 0 else []


def tail_lines_2(text: str, n: int) -> list[str]:
    if n <= 0:
        return []
    return text.split("\n")[-n:]


def grade(score: int) -> str:
    if score >= 90:
        return "A"
    elif score >= 80:
        return "B"
    elif score >= 70:
        return "C"
    elif score >= 60:
        return "D"
    else:
        return "F"


def grade_2(score: int) -> str:
    return "FDCBA"[bisect.bisect_right((60, 70, 80, 90), score)]


def escape(text: str) -> str:
    out = ""
    for c in text:
        if c == "&":
            out += "&amp;"
        elif c == "<":
            out += "&lt;"
        elif c == ">":
            out += "&gt;"
        else:
            out += c
    return out


def escape_2(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def balanced(text: str) -> bool:
    depth = 0
    for c in text:
        if c == "(":
            depth += 1
        if c == ")":
            depth -= 1
        if depth < 0:
            return False
    return depth == 0


def balanced_2(text: str) -> bool:
    left = 0
    for c in text:
        left += (c == "(") - (c == ")")
        if left < 0:
            break
    return left == 0


def hamming(a: str, b: str) -> int:
    if len(a) != len(b):
        raise ValueError("not of the same length")
    n = 0
    for i in range(len(a)):
        if a[i] != b[i]:
            n += 1
    return n


def hamming_2(a: str, b: str) -> int:
    if len(a) != len(b):
        raise ValueError("not of the same length")
    return sum(x != y for x, y in zip(a, b))


def edit_distance(a: str, b: str) -> int:
    rows = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) + 1):
        rows[i][0] = i
    for j in range(len(b) + 1):
        rows[0][j] = j
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            cost = 0 if a[i - 1] == b[j - 1] else 1
            rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
    return rows[-1][-1]


def edit_distance_2(a: str, b: str) -> int:
    before = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y)))
        before = row
    return before[-1]
