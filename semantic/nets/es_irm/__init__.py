"""ES-IRM as ES-ISC has it (§II): a generator led by CLIP's text encoder, and a discriminator on CLIP-ViT.

In: a sentence vector, noise, what maps and pixels came. Out: a picture. CLIP itself is not here (`semantic.backends`).
"""
