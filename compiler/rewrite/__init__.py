"""Quasi-quotes: matching a template's before, substituting its after."""
