"""PyTorch modules as recommenders: recbench samples, batches, trains, scores and stores; a module only computes."""
