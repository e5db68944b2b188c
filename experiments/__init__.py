"""experiments: recipes that make figures and weights, one a file.

Enters    the rooms, and reference data beside the checkout or where SEMCOM_SHARED points.
Leaves    tables and pictures under docs/results/, each with the command that made it; trained weights.
"""
