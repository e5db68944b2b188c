"""Frames or items → pictures: the one place where what arrives is put together, whoever listens.

Enters    link frames (`Assembler`), or items that were put together elsewhere (`PictureAssembler`), in any order, twice
          or never.
Leaves    `Picture`: the layers that came, those of its group that it requires, what came damaged, what is missing by
          name. A layer of a group (picture number 0) is never a picture of its own.
"""
