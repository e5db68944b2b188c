"""Errors of the configuration files.

ConfigError
└── UnknownRadioError     no such name; lists those there are
"""


class ConfigError(Exception):
    """A file cannot be read or says something that cannot work. The message names file, key, rule and value."""


class UnknownRadioError(ConfigError):
    """A radio of this name does not exist. The message lists those that do."""
