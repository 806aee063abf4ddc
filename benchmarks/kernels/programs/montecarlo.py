"""Pi by random points, with a generator of its own as a class."""


class Random(object):
    MDIG = 32
    ONE = 1
    M1 = (ONE << (MDIG - 2)) + ((ONE << (MDIG - 2)) - ONE)
    M2 = ONE << MDIG // 2
    dm1 = 1.0 / float(M1)

    def __init__(self, seed):
        self.initialize(seed)
        self.left = 0.0
        self.right = 1.0
        self.width = 1.0
        self.haveRange = False

    def initialize(self, seed):
        self.seed = seed
        seed = abs(seed)
        jseed = min(seed, self.M1)
        if jseed % 2 == 0:
            jseed -= 1
        k0 = 9069 % self.M2
        k1 = 9069 / self.M2
        j0 = jseed % self.M2
        j1 = jseed / self.M2
        self.m = [0] * 17
        for iloop in range(17):
            jseed = j0 * k0
            j1 = (jseed / self.M2 + j0 * k1 + j1 * k0) % (self.M2 / 2)
            j0 = jseed % self.M2
            self.m[iloop] = int(j0 + self.M2 * j1)
        self.i = 4
        self.j = 16

    def nextDouble(self):
        I, J, m = self.i, self.j, self.m
        k = m[I] - m[J]
        if k < 0:
            k += self.M1
        self.m[J] = k
        if I == 0:
            I = 16
        else:
            I -= 1
        self.i = I
        if J == 0:
            J = 16
        else:
            J -= 1
        self.j = J
        if self.haveRange:
            return self.left + self.dm1 * float(k) * self.width
        else:
            return self.dm1 * float(k)


def MonteCarlo(Num_samples):
    rnd = Random(113)
    under_curve = 0
    for count in range(Num_samples):
        x = rnd.nextDouble()
        y = rnd.nextDouble()
        if x * x + y * y <= 1.0:
            under_curve += 1
    return float(under_curve) / Num_samples * 4.0


ENTRY = MonteCarlo


def make(r):
    return (r.randint(2900, 3100),)
