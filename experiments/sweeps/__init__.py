"""Recipes of `semcom sweep`: a YAML file is one by itself; a module here measures the sweeps themselves."""
