"""Processes that leave nothing behind: a keeper on Linux, the lifeline to it, how children are found and awaited."""
