"""Recipes about link: each makes a figure of docs/results with one command."""
