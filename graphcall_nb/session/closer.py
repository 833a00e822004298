"""Closing of a session that no interrupt can stop halfway."""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress

from ..background import Background


@contextmanager
def closing_on_error() -> Iterator[ExitStack]:
    """Return a stack of resources that is closed by an error or an interrupt in the ``with`` statement alone."""
    resources = ExitStack()
    try:
        yield resources
    except BaseException:
        resources.close()
        raise


def close_loop(background: Background, stack: AsyncExitStack) -> None:
    """Close a stack on its event loop; an interrupt may have come before the start of the loop."""
    if background.is_running:
        background.run(stack.aclose())


class Closer:
    """Closes the resources of a session once, in a thread of its own: an interrupt reaches the main thread only.

    In a forked process it does nothing: the session of the parent goes on.

    Parameters
    ----------
    resources : to close

    Examples
    --------
    >>> resources = ExitStack()
    >>> closer = Closer(resources)
    >>> closer.close()
    >>> closer.has_begun
    True
    """

    def __init__(self, resources: ExitStack) -> None:
        self._resources = resources
        self._owner = os.getpid()
        self._error: BaseException | None = None
        # Not a daemon: the interpreter waits for it.
        self._thread = threading.Thread(target=self._run, name="graphcall_nb close", daemon=False)

    @property
    def is_forked(self) -> bool:
        """True in a process that was forked off the one of the session."""
        return os.getpid() != self._owner

    @property
    def has_begun(self) -> bool:
        """True after the first call of :meth:`begin` or :meth:`close`."""
        return self._thread.ident is not None

    def begin(self) -> None:
        """Start to close, and return at once."""
        if not self.is_forked and not self.has_begun:
            with suppress(RuntimeError):  # another thread was first, or the interpreter starts no thread any more
                self._thread.start()

    def close(self) -> None:
        """Close, and return when everything is closed. An interrupt ends the wait alone.

        Raises
        ------
        BaseException
            The error of a resource, once.
        """
        self.begin()
        if self.is_forked:
            return
        self._thread.join()
        error, self._error = self._error, None
        if error is not None:
            raise error

    def release(self) -> None:
        """Close a session without a reference. It may have been collected in a thread that closing needs."""
        if threading.current_thread() is threading.main_thread():
            self.close()
        else:
            self.begin()

    def close_at_exit(self) -> None:
        """Close while the interpreter ends, when some versions of Python can start no thread any more."""
        try:
            self.close()
        except RuntimeError:
            self._resources.close()

    def _run(self) -> None:
        try:
            self._resources.close()
        except BaseException as error:
            self._error = error
        atexit.unregister(self.close_at_exit)
