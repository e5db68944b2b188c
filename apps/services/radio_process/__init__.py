"""The process that has the radio, or a virtual air, and the child in which its flowgraph runs."""
