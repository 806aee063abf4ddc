"""CDL in editors: a Pygments lexer, and a grammar for VS Code that is made from the same tables."""
