"""Recommenders of other libraries behind our contract: each library is an optional extra, each module has its name.

Hyper-parameters have the library's own names and defaults. A library is imported when one of its recommenders is built,
and not earlier.
"""
