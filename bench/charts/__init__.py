"""Charts of a table's values, one per module: pure functions that return a specification and its numbers as text.

Vega and Vega-Lite draw them, through ``vl-convert-python``. One specification gives both the interactive chart of the
page and the SVG, PDF or PNG of a paper. The JavaScript of the library (0.9 MB) comes with the package, so a page needs
no network. Its expression interpreter runs under a content policy that forbids ``eval``; the page needs this policy
because it shows names that other people chose. Plotly's script has 4.6 MB and evaluates strings, Observable Plot needs
a browser for a paper's figure, and Matplotlib has no interaction. Altair would build the same specifications; they are
short enough as dictionaries.
"""
