"""The front door: page config and navigation. Nothing else."""

from core.ui import capacity, shell

shell.configure()
capacity.admit()
shell.navigation().run()
