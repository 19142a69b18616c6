"""Sheets as text: terminal, Markdown, LaTeX, HTML, CSV, JSON."""
