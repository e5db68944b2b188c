"""Segmenters, detectors and detailers of others that need more than their library's own loading.

In: a picture. Out: labels, objects or boundaries in the words of our vocabulary, as their protocols say.
"""
