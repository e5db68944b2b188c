"""What the hosts keep of single pictures: on their way out, as they come in, and on the disk.

Enters    frames and entries of journals.
Leaves    a picture's state, which the ledgers (`sent_pictures`, `received_pictures`) keep in order.
"""
