"""The recommenders of this package: built-ins, and adapters of other libraries."""

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

_DEFAULT_SUITE = (
    Entry("random", "recommenders.random:Random"),
    Entry("popularity", "recommenders.popularity:Popularity"),
    Entry("item_knn", "recommenders.item_knn:ItemKNN"),
    Entry("ease", "recommenders.ease:EASE"),
    Entry("als", "recommenders.als:ALS"),
    Entry("bpr", "recommenders.bpr:BPR"),
    Entry("mf", "recommenders.mf:MF"),
    Entry("gmf", "recommenders.gmf:GMF"),
    Entry("mlp", "recommenders.mlp:MLP"),
    Entry("neumf", "recommenders.neumf:NeuMF"),
    Entry("mlp_post", "recommenders.mlp:MLP", _POST),
)

_ON_REQUEST = (
    Entry("user_knn", "recommenders.user_knn:UserKNN"),
    Entry("p3alpha", "recommenders.p3alpha:P3Alpha"),
    Entry("rp3beta", "recommenders.rp3beta:RP3Beta"),
    Entry("slim", "recommenders.slim:SLIM"),
    Entry("pure_svd", "recommenders.pure_svd:PureSVD"),
    Entry("multi_vae", "recommenders.multi_vae:MultiVAE"),
    Entry("light_gcn", "recommenders.light_gcn:LightGCN"),
    Entry("sasrec", "recommenders.sasrec:SASRec"),
)

_AS_GIVEN = ("random", "popularity", "mlp_post", "sasrec")
"""Built-ins whose defaults were not chosen by a search (see ``results/tuning``)."""

_BUILT_INS = tuple(
    replace(entry, by_default=entry in _DEFAULT_SUITE, chosen_on="" if entry.name in _AS_GIVEN else "ml-100k")
    for entry in (*_DEFAULT_SUITE, *_ON_REQUEST)
)

_ADAPTED = {
    "cornac": {
        "mf": "MF",
        "bpr": "BPR",
        "ease": "EASE",
        "gmf": "GMF",
        "mlp": "MLP",
        "neumf": "NeuMF",
        "vaecf": "VAECF",
        "wmf": "WMF",
        "lightgcn": "LightGCN",
    },
    "implicit": {"als": "ALS", "bpr": "BPR", "lmf": "LMF", "cosine": "Cosine", "tfidf": "TFIDF", "bm25": "BM25"},
    "lenskit": {
        "implicit_mf": "ImplicitMF",
        "item_knn": "ItemKNN",
        "user_knn": "UserKNN",
        "popularity": "Popularity",
    },
    "sklearn": {"nmf": "NMF", "truncated_svd": "TruncatedSVD"},
}
"""Classes of `recommenders.adapters`, by library and name."""

_ADAPTERS = tuple(
    Entry(f"{library}.{name}", f"recommenders.adapters.{library}:{cls}", {}, f"{LIBRARY}{library}")
    for library, classes in _ADAPTED.items()
    for name, cls in classes.items()
)

_ADAPTED_PROGRAMS = {"recbole": ("NeuMF", "BPR", "LightGCN", "MultiVAE", "EASE"), "rectools": ("SASRec",)}
"""Programs of `recommenders.adapters`, by library."""

_PROGRAMS = tuple(
    Entry(
        f"{library}.{name}",
        f"{Path(__file__).parents[1] / 'adapters' / library / name.lower()}{PROGRAM}:Program",
        {},
        f"{PROGRAM_OF}{library}",
    )
    for library, names in _ADAPTED_PROGRAMS.items()
    for name in names
)

OWN = (*_BUILT_INS, *_ADAPTERS, *_PROGRAMS)
