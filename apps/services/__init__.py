"""The services of two computers and a radio between: sender, radio, receiver (docs/two_computers.md).

In: photos in a folder or pushed, messages from the other processes. Out: result folders, confirmations, metrics.
"""
