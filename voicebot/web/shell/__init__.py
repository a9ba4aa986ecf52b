"""What the groups of pages share: NiceGUI and its doors, plain elements, what is drawn anew.

NiceGUI is imported by `mount` alone, so that no other process pays for it.
"""
