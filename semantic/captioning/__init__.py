"""Captions from evidence: words for a whole picture, what people join in captions, and the search for a sentence.

In: picture, labels, objects. Out: `Caption`, and what backs each of its nouns. Needs `extract`, which needs none of it.
"""
