"""Recipes about robustness: each makes a figure of docs/results with one command."""
