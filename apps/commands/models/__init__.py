"""`semcom models`: models of others listed, brought and tried.

In: names, roles or presets. Out: words or JSON, folders of models, an exit status.
"""
