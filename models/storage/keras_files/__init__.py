"""Reads what Keras wrote, without Keras: a file is data, never a program.

Everything is checked here before anybody else sees it: the archive (`container`), its JSON (`models.storage.json_text`), the
graph (`graph`), every layer and argument (`translation`), every array (`arrays`). What comes out are our own declarations and
plain arrays; nothing of the file is ever run, imported or looked up by name.
"""
