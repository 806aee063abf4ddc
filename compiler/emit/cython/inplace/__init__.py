"""Functions on objects in place: instances, dicts, tuples and lists stay what they are.

Numbers are unboxed, what an object holds is read, checked for its type, and stored where it is.
What was done is noted, and taken back when a call is declined, so that the original can run. One
walk over a function types it and writes it, again and again until the types are settled: ``kinds``
(types), ``classes``, ``enum_classes``, ``error_classes`` and ``state`` (what is known), ``writing`` (lines, variables,
checked reads), ``unknown``, ``errors``, ``live``, ``named_tuples``, ``enums``, ``attributes``,
``membership``, ``equality``, ``operators``, ``values``, ``loops``, ``generators``, ``comprehensions``, ``iterators``,
``sets``, ``methods``, ``drawing``, ``heaps``, ``libraries``, ``unmade`` and ``calls`` (expressions, each on top of the one before), ``raising``,
``tries``, ``matching`` and ``statements`` (with ``endings``), and ``unit`` (the rounds, and the function that Python
sees); ``places_c``, ``comparing_c``, ``arithmetic_c``, ``containers_c``, ``enums_c``, ``errors_c``, ``sets_c``,
``sorting_c`` and ``random_c`` hold the C helpers, and ``declared`` what Cython is told of them.
"""
