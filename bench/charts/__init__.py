"""Charts of a table's values, one a module: pure functions that give a specification, and its numbers in words.

They are drawn by Vega and Vega-Lite through ``vl-convert-python``. One specification gives both the interactive chart
of the page and the SVG, PDF or PNG of a paper; the library's JavaScript (0.9 MB) comes with the package, so a page
needs no network; and its expression interpreter runs under a content policy that forbids ``eval``, which a page of
strangers' names wants. Plotly's script has 4.6 MB and evaluates strings, Observable Plot needs a browser for a paper's
figure, and Matplotlib has no interaction. Altair would build the same specifications; these are short enough as
dictionaries.
"""
