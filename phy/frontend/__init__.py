"""Before detection: sample rate, direct current, IQ image, and the buffer of received samples.

In and out: complex64 samples.
"""
