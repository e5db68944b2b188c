"""Models of others at the receiving computer: loaded once, in a process of their own.

In: pictures that have come, shown already by what is ours. Out: the same results, with the picture a model made.
"""
