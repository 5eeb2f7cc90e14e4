"""One folder a page, named as the page's file in `pages/`."""
