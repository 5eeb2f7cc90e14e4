"""CNN Lab's engine: images, layers, networks, data, training, runs, insight. Only `core.ui` knows Streamlit."""
