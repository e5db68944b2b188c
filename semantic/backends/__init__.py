"""Large models of others as parts: captioners, segmenters, detailers, reconstructors, by name and from a folder.

In: what a part's protocol says, and a folder in the layout in which the model is published. Out: what the protocol has.

Needs the extra ``pretrained``. Nothing here reaches a hub: `semcom models get` brings folders, everything else only
reads them. Weights are safetensors; code that comes with a model is never run; torchvision is never needed.
"""
