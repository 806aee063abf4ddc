"""The language server of CDL: an extra, ``selfsame[lsp]``."""
