"""What a page holds: its settings in the URL and for the session, and what one page's link tells another.

`fields` are settings as text, `query` the texts of each page and the URL, `page_state` a run of a page and what fits in
no URL, `settings` the widgets over them, `old_links` the links of before.
"""
