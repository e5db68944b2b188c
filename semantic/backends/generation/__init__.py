"""Reconstructors that lead Stable Diffusion by the maps that were received.

In: a packet's class map and detail map. Out: pictures in the form in which ControlNets were trained on them, and the
reconstructor that uses them.
"""
