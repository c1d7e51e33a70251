"""``%%expect``: a cell that must raise an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import docker.errors
import pytest
from IPython.core.interactiveshell import InteractiveShell

from drydock import magics


@pytest.fixture
def shell() -> Iterator[Any]:
    """An IPython shell with the magic, loaded as by ``%load_ext drydock.magics``."""
    shell: Any = InteractiveShell.instance()
    magics.load_ipython_extension(shell)
    yield shell
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


def run(shell: Any, name: str, cell: str) -> None:
    """Run a cell that begins with ``%%expect NAME``."""
    shell.run_cell_magic("expect", name, cell)


def test_expected_error_is_printed(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The expected error is printed as one line, and the cell succeeds."""
    run(shell, "ZeroDivisionError", "1 / 0")
    assert capsys.readouterr().out == "ZeroDivisionError: division by zero\n"


def test_cell_without_an_error_fails(shell: Any) -> None:
    """A cell that raises no error fails."""
    with pytest.raises(magics.NotAsExpected, match="expected KeyError, but the cell raised no error"):
        run(shell, "KeyError", "1 + 1")


def test_other_error_fails(shell: Any) -> None:
    """A cell that raises another error fails, with that error in the message."""
    with pytest.raises(magics.NotAsExpected, match="expected KeyError, but got ZeroDivisionError: division by zero"):
        run(shell, "KeyError", "1 / 0")


def test_subclass_is_accepted(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """An error of a subclass is the expected one: ImageNotFound is a NotFound."""
    run(shell, "docker.errors.NotFound", "import docker\nraise docker.errors.ImageNotFound('no such image')")
    assert capsys.readouterr().out == "ImageNotFound: no such image\n"


def test_cell_runs_in_the_notebook(shell: Any) -> None:
    """Variables that the cell assigns exist in the notebook afterwards."""
    run(shell, "ZeroDivisionError", "kept = 1\nkept / 0")
    assert shell.user_ns["kept"] == 1


def test_script_that_fails(shell: Any, capfd: pytest.CaptureFixture[str]) -> None:
    """The cell may have another magic, such as ``%%bash``, whose failure is a CalledProcessError."""
    run(shell, "CalledProcessError", "%%bash\nexit 3")
    assert "CalledProcessError" in capfd.readouterr().out


@pytest.mark.parametrize("name", ["NotFound", "docker.errors.NotFound"])
def test_plain_and_dotted_names(name: str) -> None:
    """docker-py's exceptions are found by their plain and by their dotted names."""
    assert magics.resolve(name, {}) is docker.errors.NotFound


def test_name_in_the_notebook_comes_first() -> None:
    """An exception that the notebook defines comes before one with the same name elsewhere."""
    own = type("NotFound", (Exception,), {})
    assert magics.resolve("NotFound", {"NotFound": own}) is own


@pytest.mark.parametrize("name", ["", "Nonsense", "no.such.Module", "docker.errors", "docker.errors.Nonsense", "print"])
def test_name_that_is_no_exception(name: str) -> None:
    """A name of no exception fails the cell, with an example of a right name."""
    with pytest.raises(magics.NotAsExpected, match="there is no exception class"):
        magics.resolve(name, {})


def test_message_of_the_daemon() -> None:
    """Of a daemon's error only the explanation is printed, and long messages are shortened."""
    assert magics.message(docker.errors.APIError("500 …", explanation="port is taken")) == "port is taken"
    assert len(magics.message(ValueError("x" * 1000))) < 310


def test_traceback_is_one_line() -> None:
    """A notebook shows the message of a failed expectation without a traceback."""
    assert magics.NotAsExpected("expected this")._render_traceback_() == ["NotAsExpected: expected this"]


def test_load_outside_of_ipython() -> None:
    """A plain program can load the magic, which then does nothing."""
    magics.load()
