"""The handlers' and dispatchers' pages: work lists, search, one ticket with everything, the transfer slip.

They run on NiceGUI like the pages for flows. All looking and acting goes through `operations.ticket_work`.
"""
