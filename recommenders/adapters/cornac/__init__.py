"""Recommenders of cornac (https://github.com/PreferredAI/cornac); the networks with its PyTorch backend.

They run on the CPU, but cornac's networks use a GPU if cornac sees one; ``CUDA_VISIBLE_DEVICES=""`` hides it.

Two of the models need one more library each, and so have extras of their own. WMF needs TensorFlow. LightGCN needs DGL
below version 2, because later versions require another PyTorch; of DGL 1 there are wheels up to Python 3.11.
"""

from recommenders.adapters.cornac.factorisations import BPR, EASE, MF, WMF
from recommenders.adapters.cornac.networks import GMF, MLP, VAECF, LightGCN, NeuMF

__all__ = ["BPR", "EASE", "GMF", "MF", "MLP", "VAECF", "WMF", "LightGCN", "NeuMF"]
