"""The models of neural collaborative filtering in idiomatic PyTorch, one a file, beside our compiled ones."""
