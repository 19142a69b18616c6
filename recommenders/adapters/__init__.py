"""Other people's recommenders behind our contract: each library an optional extra, each file named for its library.

Hyper-parameters have the library's own names and defaults. Nothing of a library is imported before a recommender is
built.
"""
