"""A page at one end of a link between two computers: `host tx` or `host rx` runs behind it, in this process.

In: photos of the page, or frames from the radio. Out: the page's pictures and events, and all that the hosts write.
"""
