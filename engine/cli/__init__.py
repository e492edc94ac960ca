"""What each command of the command line does; `engine.commands` reads the arguments."""
