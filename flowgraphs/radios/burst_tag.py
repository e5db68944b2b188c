"""The tag that tells bursty sinks how long a burst is: one name for the modulator, the filters and the drivers."""

LENGTH_TAG = "tx_burst_length"
