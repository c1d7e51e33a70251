"""A small job for each tool of the pool: its output can't be read from the input, so a script in its place fails.

Each tool gets a random word in two pieces, in the wrong order, and has to put them together by something that only this
tool does: jq reverses a list, git finds the last version but one, and nano is typed into, as a person would.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from docker.models.images import Image

from autograder.checks.api import Failed
from autograder.checks.context import CheckContext
from autograder.probes.container_probe import printed_by
from autograder.probes.terminal_session import opened
from drydock.errors import TerminalClosed, TimedOut

#: The length of a word's first piece; two of the jobs below count on it.
_PIECE = 6
_VI = "echo {b}{a} > f && {tool} -u NONE -es -c 's/\\(.*\\)\\(.\\{{6\\}}\\)$/\\2\\1/' -c wq f; cat f"
#: Shell commands whose last line of output is the pieces ``{a}`` and ``{b}`` together.
_JOBS = {
    "curl": "echo {a}{a}{b} > f && {tool} --silent --range 6-18 file://$PWD/f",
    "git": "{tool} init -q . && git config user.name a && git config user.email a@b && echo {a}{b} > f && "
    "{tool} add f && {tool} commit -qm f && echo {b}{a} > f && {tool} commit -qam g && {tool} show HEAD~1:f",
    "jq": 'echo \'{{"a": ["{b}", "{a}"]}}\' | {tool} -r \'.a | reverse | add\'',
    "less": "echo {a} > f && LESSOPEN='|sed s/$/{b}/ %s' {tool} f | cat",
    "make": "printf 'all: f\\n\\t@cat f\\nf: g\\n\\t@echo $(A)$(shell cat g) > f\\ng:\\n\\t@echo {b} > g\\n' "
    "> Makefile && {tool} A={a}",
    "tmux": "{tool} -L s -f /dev/null new-session -d \\; set-buffer -b k {a} \\; set-buffer -a -b k {b} \\; "
    "show-buffer -b k \\; kill-server",
    "vi": _VI,
    "vim.tiny": _VI,
    "zsh": "{tool} -fc 'a=({b} {a}); print -r -- ${{(j::)${{(Oa)a}}}}'",
}
#: The commands of the pool, each with its package; one of them has two commands.
POOL = {tool: "vim-tiny" if tool in ("vi", "vim.tiny") else tool for tool in (*_JOBS, "nano")}
_ANY = "{{ {tool} --version || {tool} -V || {tool} --help; }} > /dev/null && echo {a}{b}"
_TRY = "mkdir {n}; cd {n}; ({job}) > ../{n}.out 2>&1 < /dev/null; cd ..; echo {n} $(tail -n 1 {n}.out | head -c 150)"
_TOOL = re.compile(r"[\w.+-]{1,40}")
_HOME, _WRITE, _EXIT = "\x01", "\x0f\r", "\x18"
_SECONDS = 10


def listed(image: Image) -> list[str]:
    """Return the commands on the image's label ``tools``."""
    label = ((image.attrs.get("Config") or {}).get("Labels") or {}).get("tools") or ""
    return sorted(set(_TOOL.findall(label)))[:30]


def outputs_of(context: CheckContext, image: Image, tools: Sequence[str]) -> dict[str, str]:
    """Give each tool its job; return an empty text for a tool that did it, else the last line of its output."""
    words = {tool: context.word(tool) for tool in tools}
    outputs = _run(context, image, {tool: word for tool, word in words.items() if tool != "nano"})
    if "nano" in words:
        outputs["nano"] = _typed_into_nano(context, image, words["nano"])
    return {tool: "" if outputs[tool] == words[tool] else outputs[tool] for tool in tools}


def _run(context: CheckContext, image: Image, words: dict[str, str]) -> dict[str, str]:
    """Run the jobs in one container, each in a folder of its own; return the last line of each output."""
    jobs = [_JOBS.get(tool, _ANY).format(tool=tool, a=word[:_PIECE], b=word[_PIECE:]) for tool, word in words.items()]
    script = "\n".join(["cd /" + context.word("place"), *(_TRY.format(n=n, job=job) for n, job in enumerate(jobs))])
    output = printed_by(context, image, script, seconds=60, tmpfs=_place(context))
    lines = dict(line.strip().partition(" ")[::2] for line in output.splitlines())
    return {tool: lines.get(str(n), "") or "nothing" for n, tool in enumerate(words)}


def _typed_into_nano(context: CheckContext, image: Image, word: str) -> str:
    """Write the word with nano, its second piece first; return what is in the file."""
    settings = {"entrypoint": [], "command": ["sh"], "tmpfs": _place(context), "environment": {"TERM": "xterm"}}
    with opened(context, image, **settings) as shell:
        try:
            shell.screen.type(f"cd /{context.word('place')} && nano --ignorercfiles f")
            shell.screen.read_until("Exit", _SECONDS)
            shell.screen.press(word[_PIECE:] + _HOME + word[:_PIECE] + _WRITE + _EXIT)
            return shell.type("cat f").strip() or "nothing"
        except (Failed, TimedOut, TerminalClosed):
            return str(shell.screen).strip()[-150:] or "nothing"


def _place(context: CheckContext) -> dict[str, str]:
    return {f"/{context.word('place')}": "mode=1777"}
