"""What the .grc files beside this one need from Python.

In: nothing, or a recording. Out: a demo picture, settings read from a recording, plain sentences on errors.
"""
