"""The web process as gunicorn runs it: when it is told to stop, its streams end at once."""

from types import FrameType

from gunicorn.workers.gthread import ThreadWorker

from web.turnstile import begin_ending


class StreamingWorker(ThreadWorker):
    """Threads, of which most wait in streams. Without this they would wait out its patience."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop when what is in hand is answered."""
        begin_ending(self.wsgi)
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        """Stop at once."""
        begin_ending(self.wsgi)
        super().handle_quit(sig, frame)

    def is_parent_alive(self) -> bool:
        """Tell whether gunicorn's first process still is there; without it this one ends."""
        is_alive = bool(super().is_parent_alive())
        if not is_alive:
            begin_ending(self.wsgi)
        return is_alive
