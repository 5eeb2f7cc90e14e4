"""What browser components share: modules, styles and how arrays travel."""
