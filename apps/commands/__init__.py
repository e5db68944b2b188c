"""The commands, one file each: options read, rooms called, what happened said in plain words.

In: what a person typed. Out: an exit status, words on the terminal, files.
"""
