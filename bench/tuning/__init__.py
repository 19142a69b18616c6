"""Search for hyper-parameters on the validation task: what is tried, how it did, and the file of the best."""
