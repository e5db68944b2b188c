"""Checkpoints whose layout no library here reads: tensors out of a file, and their names in ours.

In: a file of weights as it is published. Out: named tensors for a network, or one sentence that says what is wrong.
"""
