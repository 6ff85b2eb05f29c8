"""The Shikaku core: a tap of a My Number Card, and a device as a whole. `__init__.pyi` documents every name."""

from ._core import *  # noqa: F403
