"""Channel estimation: impulse response, its variation in time, noise variance, interference.

In: received preamble and carriers, known or expected symbols. Out: the channel per symbol and carrier with its error
variance.
"""
