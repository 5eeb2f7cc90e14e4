"""A page's state: its settings in the URL and in the session, and the parameters of links between pages.

`url_values` turns settings into text, `query` holds the texts of each page (`kept_page`) and writes the URL,
`link_faults` says what is wrong with a link, `page_state` begins and ends a run of a page and keeps what does not fit
in a URL, `settings` draws widgets, `old_links` translates old links.
"""
