"""A block cipher of tables, as a class."""


class AES:
    def __init__(self, key):
        self.S = S
        self.T1 = T[0]
        self.T2 = T[1]
        self.T3 = T[2]
        self.T4 = T[3]
        self._Ke = [
            [(key[(i * 4 + j) % len(key)] * 2654435761 + i) & 0xFFFFFFFF for j in range(4)]
            for i in range(11)
        ]

    def encrypt(self, plaintext):
        if len(plaintext) != 16:
            raise ValueError("wrong block length")
        rounds = len(self._Ke) - 1
        (s1, s2, s3) = [1, 2, 3]
        a = [0, 0, 0, 0]
        t = [(_compact_word(plaintext[4 * i : 4 * i + 4]) ^ self._Ke[0][i]) for i in range(0, 4)]
        for r in range(1, rounds):
            for i in range(0, 4):
                a[i] = (
                    self.T1[(t[i] >> 24) & 0xFF]
                    ^ self.T2[(t[(i + s1) % 4] >> 16) & 0xFF]
                    ^ self.T3[(t[(i + s2) % 4] >> 8) & 0xFF]
                    ^ self.T4[t[(i + s3) % 4] & 0xFF]
                    ^ self._Ke[r][i]
                )
            t = a[:]
        result = []
        for i in range(0, 4):
            tt = self._Ke[rounds][i]
            result.append((self.S[(t[i] >> 24) & 0xFF] ^ (tt >> 24)) & 0xFF)
            result.append((self.S[(t[(i + s1) % 4] >> 16) & 0xFF] ^ (tt >> 16)) & 0xFF)
            result.append((self.S[(t[(i + s2) % 4] >> 8) & 0xFF] ^ (tt >> 8)) & 0xFF)
            result.append((self.S[t[(i + s3) % 4] & 0xFF] ^ tt) & 0xFF)
        return result


def _compact_word(word):
    return (word[0] << 24) | (word[1] << 16) | (word[2] << 8) | word[3]


S = [(i * 167 + 13) % 256 for i in range(256)]
T = [[((s * (m + 2654435761)) & 0xFFFFFFFF) for s in S] for m in (1, 3, 5, 7)]


def ctr(aes, blocks):
    out = []
    for block in blocks:
        out.append(aes.encrypt(block))
    return out


ENTRY = ctr


def make(r):
    return (AES(r.randbytes(16)), [[r.randrange(256) for _ in range(16)] for _ in range(20)])
