"""Recipes about semantic: each makes a figure of docs/results with one command."""
