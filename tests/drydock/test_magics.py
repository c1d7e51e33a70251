"""``%%expect``: a cell that is meant to fail, and fails itself if it does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import docker.errors
import pytest
from IPython.core.interactiveshell import InteractiveShell

from drydock import magics


@pytest.fixture
def shell() -> Iterator[Any]:
    """An IPython with the magic loaded, as ``%load_ext drydock.magics`` does it."""
    shell: Any = InteractiveShell.instance()
    magics.load_ipython_extension(shell)
    yield shell
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


def run(shell: Any, name: str, cell: str) -> None:
    """Run a cell that begins with ``%%expect NAME``."""
    shell.run_cell_magic("expect", name, cell)


def test_the_message_is_shown(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The error that was expected is printed in one line, and the cell goes well."""
    run(shell, "ZeroDivisionError", "1 / 0")
    assert capsys.readouterr().out == "ZeroDivisionError: division by zero\n"


def test_no_error_fails(shell: Any) -> None:
    """A cell that goes well although it was to fail, fails."""
    with pytest.raises(magics.NotAsExpected, match="expected KeyError, but the cell ran without an error"):
        run(shell, "KeyError", "1 + 1")


def test_another_error_fails(shell: Any) -> None:
    """An error of another kind is told, and not swallowed."""
    with pytest.raises(magics.NotAsExpected, match="expected KeyError, but got ZeroDivisionError: division by zero"):
        run(shell, "KeyError", "1 / 0")


def test_a_kind_of_the_expected_will_do(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """An error is also what its class stands on: ImageNotFound is a NotFound."""
    run(shell, "docker.errors.NotFound", "import docker\nraise docker.errors.ImageNotFound('no such image')")
    assert capsys.readouterr().out == "ImageNotFound: no such image\n"


def test_what_the_cell_assigns_stays(shell: Any) -> None:
    """The cell runs in the notebook itself."""
    run(shell, "ZeroDivisionError", "kept = 1\nkept / 0")
    assert shell.user_ns["kept"] == 1


def test_a_script_may_be_expected_to_fail(shell: Any, capfd: pytest.CaptureFixture[str]) -> None:
    """Another magic may stand below, as ``%%bash``, whose failures are CalledProcessError."""
    run(shell, "CalledProcessError", "%%bash\nexit 3")
    assert "CalledProcessError" in capfd.readouterr().out


@pytest.mark.parametrize("name", ["NotFound", "docker.errors.NotFound"])
def test_plain_and_dotted_names(name: str) -> None:
    """The exceptions of docker-py need no module before them, and may have it."""
    assert magics.resolve(name, {}) is docker.errors.NotFound


def test_a_name_of_the_notebook_comes_first() -> None:
    """An exception that the notebook defines is meant when its name is said."""
    own = type("NotFound", (Exception,), {})
    assert magics.resolve("NotFound", {"NotFound": own}) is own


@pytest.mark.parametrize("name", ["", "Nonsense", "no.such.Module", "docker.errors", "docker.errors.Nonsense", "print"])
def test_a_name_that_is_no_exception(name: str) -> None:
    """A misspelt name fails the cell and says how to write it."""
    with pytest.raises(magics.NotAsExpected, match="there is no exception called"):
        magics.resolve(name, {})


def test_the_daemons_own_words() -> None:
    """For an answer of the daemon, what is shown is what it explained; long messages are cut."""
    assert magics.message(docker.errors.APIError("500 …", explanation="port is taken")) == "port is taken"
    assert len(magics.message(ValueError("x" * 1000))) < 310


def test_the_traceback_is_one_line() -> None:
    """A notebook shows what was expected and what came, and no traceback."""
    assert magics.NotAsExpected("expected this")._render_traceback_() == ["NotAsExpected: expected this"]


def test_outside_of_ipython_nothing_happens() -> None:
    """A plain program may import and start Drydock as well."""
    magics.load()
