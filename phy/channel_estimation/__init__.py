"""What the channel did to a burst: impulse response, its change over time, noise variance, interference.

In: received carriers and what is known of them. Out: the channel per symbol and carrier with its error variance.
"""
