"""Recipes about the modem: each makes a figure of docs/results with one command."""
