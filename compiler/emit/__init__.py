"""From trees to code objects, pycs and Cython source."""
