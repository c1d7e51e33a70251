"""A student at a lesson in JupyterLab: reads from the top, runs each cell, answers, tries, asks for hints, and solves.

Each step leaves a screenshot where somebody wants one, and is looked at for what a student must not see.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page

from drydock.core.waiting import wait_for
from drydock.learn.exercises import load
from scripts.lesson_reader import COURSE, LESSONS, Cell, Lesson
from tests.browser import IDLE
from tests.course.browsing import choose
from tests.course.journey import Terminal
from tests.course.near_misses import near_misses

_CHECK = re.compile(r'^check\("[^".]+\.([^"]+)"\)')
_QUESTIONS = re.compile(r"^lesson\.(predict|recap)\(")
_SOLUTION = re.compile(r"```(python|bash)\n(.*?)\n```", re.DOTALL)
#: What is wrong with the page as it is now: a scroll bar to the right, a lost widget, text that can't be read.
_FAULTS = Path(__file__).with_name("page_faults.js").read_text()
#: The fault of an output whose widget is not drawn yet.
_LOADING = "Loading widget"


@dataclass(frozen=True)
class Plan:
    """A lesson, which of its exercises are solved in the terminal, and the one after which the kernel is restarted."""

    lesson: Lesson
    in_terminal: frozenset[str] = frozenset()
    restart_after: str = ""


def plan(name: str, *, in_terminal: tuple[str, ...] = (), restart_after: str = "") -> Plan:
    """Return the plan for the lesson of that name."""
    [lesson] = [each for each in LESSONS if str(each) == name]
    return Plan(lesson, frozenset(in_terminal), restart_after)


class Student:
    """A student with a lesson open, and a terminal below it."""

    def __init__(self, page: Page, terminal: Terminal, plan: Plan, look: Callable[[str], None]) -> None:
        self._page, self._terminal, self._plan, self.shot = page, terminal, plan, look
        self.cells = plan.lesson.cells

    def do_all(self) -> None:
        """Do the lesson from its first cell to its last."""
        self._until_ready()
        self.opened()
        for cell in self.cells:
            if exercise := _CHECK.match(cell.source):
                self.solve(cell, exercise[1])
            elif _QUESTIONS.match(cell.source):
                self.answer(cell)
            elif cell.is_code and not cell.name.startswith("try-"):
                self.run(cell)
                if cell.name == "set-up":
                    self.one_panel()
                if cell.name in ("set-up", "picture", "clean-up", "taken", "ps"):
                    self.look(cell)
        self.picture_stays()

    def opened(self, name: str = "opened") -> None:
        """Look at the lesson as it opens: it is neither unsaved nor distrusted."""
        self.shot(name)
        assert self._page.locator(".lm-DockPanel-tabBar .jp-mod-dirty").count() == 0
        assert self._page.locator("[title*='not trusted' i], [title*='untrusted' i]").count() == 0

    def run(self, cell: Cell) -> None:
        """Run a cell, and wait for its end."""
        self._select(cell)
        self._page.keyboard.press("Shift+Enter")
        self._until_idle()
        assert self._box(cell).locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0, cell.name

    def answer(self, cell: Cell) -> None:
        """Answer each question below the cell, once wrong and once right, and read why."""
        self.run(cell)
        questions = self._box(cell).locator(".Quiz")
        questions.first.wait_for(timeout=20_000)
        for number, question in enumerate(questions.all()):
            for correct in ("false", "true"):
                question.locator(f".MCButton[data-correct={correct}]").first.click()
                mark = "correct" if correct == "true" else "incorrect"
                question.locator(f".Feedback.{mark}").wait_for()
                if number in (0, 4):
                    self.look(cell, f"{cell.name}-{number}-{mark}", at=question)

    def solve(self, cell: Cell, exercise: str) -> None:
        """Try a near miss, read each hint, solve the exercise, and see it ticked, also in the panel."""
        attempt, undo = near_misses(str(self._plan.lesson))[exercise][0]
        field = self.cells[self.cells.index(cell) - 1]
        self._write(field, _typed(field, attempt))
        self.run(field)
        self.run(cell)
        self.look(cell, f"{exercise}-failed")
        hint = self._box(cell).locator("button.jupyter-button")
        for number in range(1, len(load(COURSE, str(self._plan.lesson)).find(exercise).hints) + 1):
            hint.click()
            self._box(cell).locator(f"ol li:nth-child({number})").wait_for(timeout=20_000)
            self.look(cell, f"{exercise}-hinted-{number}")
        assert hint.is_disabled()
        [(language, solution), *_] = _SOLUTION.findall(self._solution(exercise, cell))
        if exercise in self._plan.in_terminal:
            self._terminal.type(undo, until=r"[#$] $")
            for line in solution.splitlines():
                self._terminal.type(line, until=r"[#$] $")
            self.shot(f"{exercise}-terminal")
        else:
            self._write(field, f"!{undo}\n{solution}" if language == "python" else _typed(field, f"{undo}\n{solution}"))
            self.run(field)
        self.run(cell)
        self._box(cell).locator("b:has-text('✔ Done.')").wait_for(timeout=10_000)
        self._page.locator(f".dd-panel li:has-text('✔ {exercise}')").wait_for(timeout=20_000)
        self.look(cell, f"{exercise}-solved")
        if exercise == self._plan.restart_after:
            self.restart(cell)

    def restart(self, cell: Cell) -> None:
        """Restart the kernel, run into what that means, and go on where it was."""
        choose(self._page, "Kernel", "Restart Kernel…")
        self._page.click(".jp-Dialog button:has-text('Restart')")
        self._until_ready()
        self._select(cell)
        self._page.keyboard.press("Shift+Enter")
        self._until_idle()
        assert "The name 'check' is not defined." in self._box(cell).inner_text()
        self.look(cell, "restarted")
        choose(self._page, "Run", "Run All Above Selected Cell")
        self._until_idle(240)
        self.run(cell)
        self.one_panel()
        self.look(cell, "went-on")

    def one_panel(self) -> None:
        """The lesson has one panel, which leaves it three quarters of the window's width."""
        self._page.wait_for_selector(".dd-panel:visible", timeout=20_000)
        title = f"Docker: {self._plan.lesson}"
        tabs = self._page.locator(f".jp-SideBar.jp-mod-right .lm-TabBar-tab:has-text('{title}')")
        wait_for(lambda: tabs.count() == 1, "the panel of the lost kernel to close", seconds=20)
        panel, dock, window = (
            self._page.locator(part).first.evaluate("part => part.clientWidth")
            for part in (".dd-panel:visible", "#jp-right-stack", "body")
        )
        assert dock <= window / 4
        assert panel > dock * 0.8

    def next_day(self, address: str) -> None:
        """Open the lesson again in a new JupyterLab, without a kernel: the pictures are there, with their time."""
        self._page.goto(address.replace("?", f"lab/tree/{self._plan.lesson.path.parent.name}/{self._name}?reset&"))
        self._until_ready()
        choose(self._page, "Kernel", "Shut Down Kernel")
        self._page.wait_for_selector("text=No Kernel", timeout=60_000)
        self.opened("next-day")
        self.picture_stays("next-day-picture")
        shown = self._box(self._cell("picture")).locator("svg:visible").first.text_content() or ""
        assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", shown)

    def picture_stays(self, name: str = "picture-after") -> None:
        """After the clean-up the picture keeps what it showed last, with a line that explains it."""
        cell = self._cell("picture")
        shown = self._box(cell).locator("svg:visible").first
        wait_for(lambda: "this is the last picture of it" in (shown.text_content() or ""), "the picture", seconds=20)
        self.look(cell, name)

    def look(self, cell: Cell, name: str = "", at: Locator | None = None) -> None:
        """Bring the end of a cell, or a part of it, on the screen, keep a picture of it, and find no fault."""
        part = at or self._box(cell).locator(".jp-OutputArea").first
        part.evaluate("part => part.scrollIntoView({block: 'end'})")
        # JupyterLab draws a cell when it comes into sight, and the widget in it a moment later.
        wait_for(lambda: _LOADING not in self._page.evaluate(_FAULTS), "the widgets in sight to load", seconds=20)
        self.shot(name or cell.name)
        faults = self._page.evaluate(_FAULTS)
        assert faults == [], f"{name or cell.name}: {faults}"

    @property
    def _name(self) -> str:
        return self._plan.lesson.path.name

    def _cell(self, name: str) -> Cell:
        [cell] = [each for each in self.cells if each.name == name]
        return cell

    def _box(self, cell: Cell) -> Locator:
        return self._page.locator(f".jp-Notebook-cell[data-windowed-list-index='{self.cells.index(cell)}']:visible")

    def _select(self, cell: Cell) -> None:
        self._page.keyboard.press("Escape")
        self._box(cell).locator(".jp-InputPrompt").click()

    def _write(self, cell: Cell, text: str) -> None:
        """Write over what the cell has."""
        self._select(cell)
        self._page.keyboard.press("Enter")
        self._page.keyboard.press("Control+a")
        self._page.keyboard.insert_text(text)

    def _until_ready(self) -> None:
        """Wait until the notebook on the screen is drawn, and its kernel is ready."""
        # The status bar names the kernel of the notebook before until this one is drawn.
        parts = (".jp-Notebook-cell", ".jp-Notebook-ExecutionIndicator[data-status='idle']", IDLE)

        def is_ready() -> bool:
            # JupyterLab may open another tab once more when it has restored its layout.
            self._page.click(f".lm-DockPanel-tabBar .lm-TabBar-tab:has-text('{self._name}')", timeout=60_000)
            return all(self._page.locator(part).locator("visible=true").count() for part in parts)

        wait_for(is_ready, f"the kernel of {self._name}", seconds=60, every=0.5)

    def _until_idle(self, seconds: float = 90) -> None:
        """Wait until no cell runs."""
        running = self._page.locator(".jp-InputPrompt:text-is('[*]:')")
        wait_for(lambda: running.count() == 0, "the cell to end", seconds=seconds, every=0.1)

    def _solution(self, exercise: str, cell: Cell) -> str:
        return self.cells[self.cells.index(cell) + 1].source


def _typed(field: Cell, commands: str) -> str:
    """Return what a student types into a cell: commands behind what the cell assigns, or one in place of a comment."""
    kept = [] if field.source.startswith("#") else [field.source]
    if not kept and "\n" in commands:
        return f"%%bash\n{commands}"
    return "\n".join([*kept, *(f"!{line}" for line in commands.splitlines())])
