"""Reconstructors led by the maps that were received: ControlNet for Stable Diffusion, ES-IRM with CLIP.

In: a packet. Out: pictures of its maps as ControlNets were trained on them; a picture and its provenance.
"""
