"""The LDPC code of 5G NR (3GPP TS 38.212): information bits <-> rate-matched coded bits.

    information bits        uint8 [C, K']      segmentation.py: sizes, base graph, how a transport block is cut
     encoder.py             uint8 [N]          exact, from the staircase of base_graph.py
     rate_matching.py       int32 [E]          which position of the circular buffer each coded bit comes from
     decoder.py             int16 [N] soft values -> uint8 [K] decided bits, layered belief propagation
     perturbed_decoding.py  decoding of short failed blocks again, from perturbed soft values

Soft values are log-likelihood ratios, positive favours zero. The modem uses them through
`coding/transport_block_coding.py`.
"""
