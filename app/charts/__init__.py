"""Live charts of a run."""
