"""flowgraphs: GNU Radio flowgraphs, wiring only.

Enters    frames and a channel, `loopback.run_loopback`: the headless loopback that `semcom send` uses.
Leaves    what came through, in order, with the receiver's statistics: `LoopbackResult`.
Also      *.grc, for GNU Radio Companion and `grcc`: docs/gnuradio_companion.md lists them.

Every run has a time limit.
"""
