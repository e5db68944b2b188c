"""OFDM modulation and demodulation, constellations, equaliser, pilot tracking and peak limiting.

In: coded bits, or samples from an exact start. Out: samples of mean power 1, or soft bits (LLRs).
"""
