"""Stand-ins for radios: an IIO daemon (Pluto) and a SoapySDR driver (anything behind SoapySDR, and UHD over it).

The fixtures skip with a reason where a package of the distribution is absent; `scripts/setup doubles` installs them.
"""
