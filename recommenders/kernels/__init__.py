"""Compiled inner loops of training: each kernel runs an epoch; the modules beside them are their parts."""
