"""Facts about nodes: three-valued, and unknown is unsafe."""
