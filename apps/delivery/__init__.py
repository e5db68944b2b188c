"""One photo over a radio and back, and pictures as they are heard.

In: a photo or frames from the air. Out: what became of it, as `apps.report` shows it.
"""
