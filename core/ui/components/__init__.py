"""Browser components: one folder each, Python, JavaScript and CSS together."""
