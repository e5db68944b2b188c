"""Flowgraphs that go on until somebody ends them: a real radio, a live loopback, the virtual air.

In: frames as they come. Out: frames and bursts as they are heard.
"""
