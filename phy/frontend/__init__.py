"""Front end of the receiver: change of sample rate, decimation by two, removal of DC offset and IQ image, buffer of received samples.

In and out: complex64 samples.
"""
