"""The gateway's edge: who may ask, under which name, from which pages, and how long that may take."""
