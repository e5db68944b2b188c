"""transports: messages between processes over ZeroMQ, for those who hold a key.

Enters    a folder of keys (`KeyRing`), an address, fields of messages.
Leaves    `Message` objects from peers that proved who they are, in order, none twice; everything else is counted.
Limits    on the size of a message, on queues, on peers: nobody outside decides how much memory is used.

    `Server` binds and has peers; `Client` connects to one server, says hello again and again, and so notices when the
    other end has been started anew.

Needs pyzmq with CURVE. Nothing else of `link` does.
"""
