"""Few examples and no deadline: two busy cores must not fail a test that is right."""

import hypothesis

hypothesis.settings.register_profile("images", max_examples=100, deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("images")
