"""Sets of items (source blocks) with parity symbols, so that some lost frames need no repeat.

In: items by class of protection. Out: symbols as frames; and back, as soon as enough of them came.
"""
