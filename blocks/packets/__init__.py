"""packets: any bytes, UDP, IP or KISS, in front of a modem and behind it."""
