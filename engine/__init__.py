"""The engine: methods, data, durable runs, honest measurement; importing it never imports torch."""

__version__ = "0.1.0"
