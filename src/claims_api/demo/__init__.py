"""The demo: stories as data, played over HTTP by the real roles."""
