"""Sweeps: many trials of systems over links, on one machine or many.

In: a sweep file (docs/sweeps.md). Out: one row a trial in Parquet files, figures, one page. A trial is a pure function
of its row; Dask spreads them.
"""
