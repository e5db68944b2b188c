"""modem: the commands ``semcom modem tx``, ``rx`` and ``tunnel``; what they do is in `semcom.apps.modem`."""
