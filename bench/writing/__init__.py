"""Write a sheet as text: terminal, Markdown, LaTeX, HTML, CSV or JSON."""
