"""Front end of the receiver: sample rate conversion, removal of DC offset and IQ image, buffer of received samples.

In and out: complex64 samples.
"""
