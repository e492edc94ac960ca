"""The pages of the window, each made on its first visit."""
