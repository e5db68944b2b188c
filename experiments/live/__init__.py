"""The live page as people see it: how fast, how steady, and what it looks like."""
