"""Insertion sort in place."""


def insertion_sort(a):
    for i in range(1, len(a)):
        key = a[i]
        j = i - 1
        while j >= 0 and a[j] > key:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = key
    return a


ENTRY = insertion_sort


def make(r):
    return ([r.randrange(10000) for _ in range(100)],)
