"""``python -m selfsame``: the same as the ``selfsame`` command."""

from selfsame.cli.main import main

if __name__ == "__main__":
    main()
