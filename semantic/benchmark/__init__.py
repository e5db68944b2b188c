"""The referee: our systems against picture codecs at equal bytes.

In: pictures and byte budgets. Out: for each rival what a receiver sees, how good that is to look at and to work with.
"""
