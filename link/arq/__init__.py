"""Automatic repeat requests: reports, what to send again, carousel without feedback, half duplex, account of frames.

In: reports from the receiver. Out: which frames go out (again), in which redundancy version and MCS.
"""
