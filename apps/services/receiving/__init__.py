"""Host rx: what has arrived, confirmed once it is on disk, and the folders that show it."""
