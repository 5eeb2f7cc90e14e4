"""The kernel page's parts, one module each: choosing a kernel, the inspector, the whole picture, the deeper tools."""
