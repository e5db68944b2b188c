"""Networks that code pictures: transforms with divisive normalisation, entropy models, and the codec made of them.

In: pictures or patches, float32 [N, 3, H, W], 0..1, sides multiples of 16 (64 with a hyperprior).
Out: latents, rounded to integers on the wire, and pictures made of them. What codes the integers is in
``semantic.coding.latents``: tables of integers, never these networks.
"""
