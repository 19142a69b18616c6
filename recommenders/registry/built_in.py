"""The recommenders of this package: built-ins, and adapters of other libraries. A new one is one entry here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from recommenders.registry.entry import LIBRARY, PROGRAM, PROGRAM_OF, Entry

_POST = {
    "embedding_size": 8,
    "layers": (32, 16, 8),
    "epochs": 30,
    "learning_rate": 0.001,
    "reg": 0.0,
    "weight_decay": 1e-5,
    "batch_size": 256,
    "n_negatives": 4,
    "init_std": 1.0,
}

_POST_IN_TORCH = {**_POST, "layer_init": "torch"}

_DEFAULT_SUITE = (
    Entry("random", "recommenders.random:Random"),
    Entry("popularity", "recommenders.popularity:Popularity"),
    Entry("item_knn", "recommenders.item_knn:ItemKNN", papers=("sarwar2001item", "deshpande2004item")),
    Entry("ease", "recommenders.ease:EASE", papers=("steck2019embarrassingly",)),
    Entry("als", "recommenders.als:ALS", papers=("hu2008collaborative", "rendle2022revisiting")),
    Entry("bpr", "recommenders.bpr:BPR", papers=("rendle2009bpr",)),
    Entry("mf", "recommenders.mf:MF", papers=("rendle2020neural",)),
    Entry("gmf", "recommenders.gmf:GMF", papers=("he2017neural",)),
    Entry("mlp", "recommenders.mlp:MLP", papers=("he2017neural",)),
    Entry("neumf", "recommenders.neumf:NeuMF", papers=("he2017neural",)),
    Entry("mlp_post", "recommenders.mlp:MLP", _POST, papers=("he2017neural",)),
    Entry("torch.mlp_post", "recommenders.pytorch.mlp:MLP", _POST_IN_TORCH, papers=("he2017neural",)),
)

_ON_REQUEST = (
    Entry("user_knn", "recommenders.user_knn:UserKNN", papers=("resnick1994grouplens",)),
    Entry("p3alpha", "recommenders.p3alpha:P3Alpha", papers=("cooper2014random",)),
    Entry("rp3beta", "recommenders.rp3beta:RP3Beta", papers=("paudel2016updatable",)),
    Entry("slim", "recommenders.slim:SLIM", papers=("ning2011slim",)),
    Entry("pure_svd", "recommenders.pure_svd:PureSVD", papers=("cremonesi2010performance",)),
    Entry("multi_vae", "recommenders.multi_vae:MultiVAE", papers=("liang2018variational",)),
    Entry("light_gcn", "recommenders.light_gcn:LightGCN", papers=("he2020lightgcn",)),
    Entry("sasrec", "recommenders.sasrec:SASRec", papers=("kang2018self", "klenitskiy2023turning")),
    Entry("torch.mf", "recommenders.pytorch.mf:MF", papers=("rendle2020neural",)),
    Entry("torch.gmf", "recommenders.pytorch.gmf:GMF", papers=("he2017neural",)),
    Entry("torch.mlp", "recommenders.pytorch.mlp:MLP", papers=("he2017neural",)),
    Entry("torch.neumf", "recommenders.pytorch.neumf:NeuMF", papers=("he2017neural",)),
)

_AS_GIVEN = ("random", "popularity", "mlp_post", "torch.mlp_post", "sasrec")
"""Built-ins whose defaults were not chosen by a search (see ``results/tuning``)."""

_BUILT_INS = tuple(
    replace(entry, by_default=entry in _DEFAULT_SUITE, chosen_on="" if entry.name in _AS_GIVEN else "ml-100k")
    for entry in (*_DEFAULT_SUITE, *_ON_REQUEST)
)

_ADAPTED: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "cornac": {
        "mf": ("MF", ("koren2009matrix",)),
        "bpr": ("BPR", ("rendle2009bpr",)),
        "ease": ("EASE", ("steck2019embarrassingly",)),
        "gmf": ("GMF", ("he2017neural",)),
        "mlp": ("MLP", ("he2017neural",)),
        "neumf": ("NeuMF", ("he2017neural",)),
        "vaecf": ("VAECF", ("liang2018variational",)),
        "wmf": ("WMF", ("hu2008collaborative", "pan2008one")),
        "lightgcn": ("LightGCN", ("he2020lightgcn",)),
    },
    "implicit": {
        "als": ("ALS", ("hu2008collaborative", "takacs2011applications")),
        "bpr": ("BPR", ("rendle2009bpr",)),
        "lmf": ("LMF", ("johnson2014logistic",)),
        "cosine": ("Cosine", ("sarwar2001item", "deshpande2004item")),
        "tfidf": ("TFIDF", ("deshpande2004item", "salton1988term")),
        "bm25": ("BM25", ("deshpande2004item", "robertson2009probabilistic")),
    },
    "irspack": {
        "ials": ("IALS", ("hu2008collaborative", "rendle2022revisiting")),
        "ease": ("EASE", ("steck2019embarrassingly",)),
        "slim": ("SLIM", ("ning2011slim",)),
        "p3alpha": ("P3Alpha", ("cooper2014random",)),
        "rp3beta": ("RP3Beta", ("paudel2016updatable",)),
        "item_knn": ("ItemKNN", ("sarwar2001item", "deshpande2004item")),
        "user_knn": ("UserKNN", ("resnick1994grouplens",)),
        "popularity": ("Popularity", ()),
    },
    "lenskit": {
        "implicit_mf": ("ImplicitMF", ("hu2008collaborative",)),
        "ease": ("EASE", ("steck2019embarrassingly",)),
        "slim": ("SLIM", ("ning2011slim",)),
        "item_knn": ("ItemKNN", ("sarwar2001item", "deshpande2004item")),
        "user_knn": ("UserKNN", ("resnick1994grouplens",)),
        "popularity": ("Popularity", ()),
    },
    "sklearn": {
        "nmf": ("NMF", ("lee1999learning", "cichocki2009fast")),
        "truncated_svd": ("TruncatedSVD", ("cremonesi2010performance", "halko2011finding")),
    },
    "skrecsys": {
        "ease": ("EASE", ("steck2019embarrassingly",)),
        "slim": ("SLIM", ("ning2011slim",)),
        "rp3beta": ("RP3Beta", ("paudel2016updatable",)),
        "item_knn": ("ItemKNN", ("sarwar2001item", "deshpande2004item")),
        "bm25": ("BM25", ("deshpande2004item", "robertson2009probabilistic")),
        "bpr": ("BPR", ("rendle2009bpr",)),
        "popularity": ("Popularity", ()),
    },
}
"""Classes of `recommenders.adapters`, by library and name, each with its papers."""

_ADAPTERS = tuple(
    Entry(f"{library}.{name}", f"recommenders.adapters.{library}:{cls}", {}, f"{LIBRARY}{library}", papers=papers)
    for library, classes in _ADAPTED.items()
    for name, (cls, papers) in classes.items()
)

_RECBOLE = ("zhao2021recbole", "xu2023towards")
_LENSKIT = ("ekstrand2020lenskit",)

_ADAPTED_PROGRAMS: dict[str, dict[str, tuple[str, ...]]] = {
    "recbole": {
        "NeuMF": ("he2017neural", *_RECBOLE),
        "BPR": ("rendle2009bpr", *_RECBOLE),
        "LightGCN": ("he2020lightgcn", *_RECBOLE),
        "MultiVAE": ("liang2018variational", *_RECBOLE),
        "EASE": ("steck2019embarrassingly", *_RECBOLE),
    },
    "lenskit2026": {
        "implicit_mf": ("hu2008collaborative", *_LENSKIT),
        "ease": ("steck2019embarrassingly", *_LENSKIT),
        "slim": ("ning2011slim", *_LENSKIT),
        "item_knn": ("sarwar2001item", "deshpande2004item", *_LENSKIT),
        "user_knn": ("resnick1994grouplens", *_LENSKIT),
        "popularity": _LENSKIT,
    },
    "rectools": {
        "SASRec": ("kang2018self", "klenitskiy2023turning", "feldman2022rectools"),
    },
}
"""Programs of `recommenders.adapters`, by library, each with its papers and those of its library."""

_PROGRAMS = tuple(
    Entry(
        f"{library}.{name}",
        f"{Path(__file__).parents[1] / 'adapters' / library / name.lower()}{PROGRAM}:Program",
        {},
        f"{PROGRAM_OF}{library}",
        papers=papers,
    )
    for library, programs in _ADAPTED_PROGRAMS.items()
    for name, papers in programs.items()
)

OWN = (*_BUILT_INS, *_ADAPTERS, *_PROGRAMS)
