"""Every rewrite that templates make of a tree, put in without a trial, under the tree's own tests."""
