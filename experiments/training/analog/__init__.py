"""Training and statistics behind the analog systems (docs/analog.md)."""
