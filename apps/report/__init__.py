"""What people look at: result folders, `report.json`, pages, drawings, the tree of a packet.

In: packets, reconstructions and what the link did. Out: files, written whole or not at all.
"""
