"""Flowgraphs that end by themselves: frames through GNU Radio's channel model and back.

In: frames (bytes) and a channel. Out: what was received and what became of each frame.
"""
