"""Functions on objects in place: instances, dicts, tuples and lists stay what they are.

Numbers are unboxed, what an object holds is read, checked for its type, and stored where it is.
What was done is noted, and taken back when a call is declined, so that the original can run. One
walk over a function types it and writes it, again and again until the types are settled:

- ``kinds`` (types), ``imports``, ``class_facts``, ``data_classes``, ``classes``, ``enum_classes``, ``error_classes`` and
  ``state``: what is known;
- ``writing``: lines, variables, checked reads;
- ``unknown``, ``errors``, ``live``, ``named_tuples``, ``enums``, ``attributes``, ``membership``, ``equality``, ``operators``,
  ``values``, ``displays``, ``loops``, ``generators``, ``comprehensions``, ``folds``, ``iterators``, ``sets``, ``methods``, ``drawing``,
  ``heaps``, ``libraries``, ``unmade`` and ``calls``: expressions, each on top of the one before;
- ``raising``, ``tries``, ``matching``, ``storing`` and ``statements`` (with ``endings``);
- ``unit``: the rounds, and the function that Python sees;
- files that end in ``_c`` hold the C helpers, and ``declared`` what Cython is told of them.
"""
