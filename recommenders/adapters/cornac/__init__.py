"""Recommenders of cornac (https://github.com/PreferredAI/cornac); the networks with its PyTorch backend.

They run on the CPU, except that cornac's networks use a GPU if cornac sees one; ``CUDA_VISIBLE_DEVICES=""`` hides it.

Two of the models need one more library each, so each of them has an extra: WMF needs TensorFlow. LightGCN needs a DGL
below version 2, because later versions require a PyTorch of their own; such a DGL has wheels up to Python 3.11.
"""

from recommenders.adapters.cornac.factorisations import BPR, EASE, MF, WMF
from recommenders.adapters.cornac.networks import GMF, MLP, VAECF, LightGCN, NeuMF

__all__ = ["BPR", "EASE", "GMF", "MF", "MLP", "VAECF", "WMF", "LightGCN", "NeuMF"]
