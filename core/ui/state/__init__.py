"""A page's state: its settings in the URL and in the session, and the parameters of links between pages.

`kept_page` is what a session keeps of a page, `url_values` turns settings into text, `query` reads and writes these
texts, `page_url` is their URL, `page_visit` opens a page by a link or as it was left, `link_faults` says what is wrong
with a link, `page_state` begins and ends a run of a page and keeps what does not fit in a URL, `settings` draws
widgets, `old_links` translates old links.
"""
