"""Tasks that pass packets to each other, as classes."""

IDLE, WORKER, HANDLERA, HANDLERB, DEVA, DEVB = 1, 2, 3, 4, 5, 6


class Packet:
    def __init__(self, link, ident, kind):
        self.link = link
        self.ident = ident
        self.kind = kind
        self.datum = 0
        self.data = [0] * 4

    def append_to(self, lst):
        self.link = None
        if lst is None:
            return self
        p = lst
        nxt = p.link
        while nxt is not None:
            p = nxt
            nxt = p.link
        p.link = self
        return lst


class Task:
    def __init__(self, ident, pri, queue):
        self.ident = ident
        self.pri = pri
        self.queue = queue
        self.waiting = False
        self.holding = False
        self.count = 0
        self.seed = ident * 7 + 1

    def add(self, packet):
        self.queue = packet.append_to(self.queue)
        self.waiting = False

    def step(self, sched):
        if self.queue is None:
            self.waiting = True
            return None
        p = self.queue
        self.queue = p.link
        p.link = None
        self.count += 1
        for i in range(4):
            self.seed = (self.seed * 1103515245 + 12345) % 2147483648
            p.data[i] = self.seed % 26
        p.datum = (p.datum + 1) % 4
        p.ident = sched.tasks[(self.ident + p.datum) % len(sched.tasks)].ident
        return p


class Scheduler:
    def __init__(self):
        self.tasks = []
        self.hops = 0

    def run(self, steps):
        for _ in range(steps):
            for t in self.tasks:
                if t.holding:
                    continue
                p = t.step(self)
                if p is not None:
                    self.hops += 1
                    self.tasks[p.ident].add(p)
        return self.hops


def bench(n, steps):
    s = Scheduler()
    for i in range(n):
        s.tasks.append(Task(i, i * 10, None))
    for i in range(n * 2):
        s.tasks[i % n].add(Packet(None, i % n, i % 2))
    return s.run(steps), [t.count for t in s.tasks]


ENTRY = bench


def make(r):
    return (6, r.randint(95, 105))
