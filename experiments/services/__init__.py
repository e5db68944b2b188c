"""Recipes about services: each makes a figure of docs/results with one command."""
