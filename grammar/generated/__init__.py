"""Written by grammar/generate.py: do not edit."""
