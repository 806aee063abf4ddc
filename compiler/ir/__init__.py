"""The ICO: ops, edges with one writer, text that is printed and parsed, the verifier."""
