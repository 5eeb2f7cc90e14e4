"""The views of the kernel page: kernel picker, inspector, filtered picture and the tools in the tabs."""
