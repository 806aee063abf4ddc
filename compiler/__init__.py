"""Source -> CST -> ICO -> analyses -> probes and rewrites -> code."""
