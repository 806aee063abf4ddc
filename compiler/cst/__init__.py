"""Source files as text, libcst tree and standard ast."""
