"""The frequency page's parts: two browser components, and the tools in its tabs."""
