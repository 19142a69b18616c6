"""Devices that models may run on: what there is, which one a job takes, and what the job finds there."""
