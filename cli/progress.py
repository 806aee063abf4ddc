"""A progress bar on a terminal, on stderr; nothing elsewhere."""

from collections.abc import Callable

Progress = Callable[[int, int, str], None]  # done, of how many, which


class Bar:
    """Gives ``update`` while it is entered: None where nothing is shown."""

    def __init__(self, shown: bool) -> None:
        self._shown = shown
        self.update: Progress | None = None

    def __enter__(self) -> "Bar":
        if self._shown:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
            self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
            task = self._progress.add_task("", total=None)
            self._progress.start()

            def update(done: int, total: int, name: str) -> None:
                self._progress.update(task, completed=done, total=total, description=name)

            self.update = update
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._progress.stop()
