"""Recordings of received samples, after SigMF 1.2 (https://sigmf.org): read with care, written so that they stay true.

Enters    files that anybody made: a pair, an archive, or samples alone whose rate and datatype somebody says.
Leaves    complex64 samples, full scale 1, capture by capture, each with its time and frequency (`reader`).

Other way round, `writer` keeps samples, gaps and annotations of what a radio delivers.
"""
