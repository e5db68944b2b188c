"""Host tx: photos and packets as they come in, what is on its way, what the other end has confirmed."""
