"""CDL, the constraint language: grammar, parser, model, checker."""
