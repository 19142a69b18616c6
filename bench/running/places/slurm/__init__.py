"""Jobs on a Slurm cluster: what is asked of it, its queue, and the process of one element of a job array."""
