"""The front door: page config and navigation. Nothing else."""

from core.ui import shell

shell.configure()
shell.navigation().run()
