"""The command line: one file per verb, joined in cli/main.py."""
