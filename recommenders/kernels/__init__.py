"""Compiled inner loops of training: each kernel runs an epoch; what it is made of stands beside it."""
