"""The stories of ``dockerfile``: two files that cells write, and the image that is built from them."""

from __future__ import annotations

from tests.stories.story import Story, by_day, skip_execution, swallow_errors

IGNORE = "**/*.key"

_PRINTER = """FROM drydock/python:3.13 AS printer
WORKDIR /printer
COPY press press
COPY tables tables
RUN python3 press/press.py tables almanac.json
"""

#: The lines of a Dockerfile that is right in every way; each story changes something.
BEST = {
    "printer": _PRINTER,
    "start": "FROM drydock/python:3.13",
    "label": 'LABEL org.opencontainers.image.authors="the harbour office"',
    "workdir": "WORKDIR /srv/board",
    "folder": "RUN mkdir /data && chown nobody /data",
    "almanac": "COPY --from=printer /printer/almanac.json .",
    "board": "COPY board board",
    "office": 'ENV OFFICE="the harbour office"',
    "port": "EXPOSE 8000",
    "volume": "VOLUME /data",
    "user": "USER nobody",
    "health": (
        'HEALTHCHECK CMD ["python3", "-c", "import urllib.request as u; '
        "u.urlopen('http://127.0.0.1:8000/health', timeout=2)\"]"
    ),
    "command": 'CMD ["python3", "-m", "board"]',
}

#: One stage, in which the press is only mounted; the files come with ADD, and the program is an ENTRYPOINT.
_MOUNTED = """FROM drydock/python:3.13
LABEL maintainer=kim
WORKDIR /app
RUN --mount=type=bind,source=press,target=/press --mount=type=bind,source=tables,target=/tables <<END
set -e
python3 /press/press.py /tables almanac.json
rm -r /tmp/press
mkdir /data
chown 1000:1000 /data
END
ADD board /app/board/
ENV OFFICE=Kim PYTHONUNBUFFERED=1
EXPOSE 8000/tcp
VOLUME ["/data"]
USER 1000:1000
HEALTHCHECK --interval=10s --timeout=2s --start-period=20s CMD python3 -c \\
    "import http.client as c; h = c.HTTPConnection('localhost', 8000, timeout=1); h.request('GET', '/health'); \\
     assert h.getresponse().status == 200"
ENTRYPOINT ["python3"]
CMD ["-m", "board"]
"""

#: Starts as root, puts its folder in order, and becomes somebody else before the board begins.
_STEPS_DOWN = r"""FROM drydock/python:3.13 AS press
ADD press /press
ADD tables /tables
RUN ["python3", "/press/press.py", "/tables", "/almanac.json"]

FROM drydock/python:3.13 AS board
LABEL maintainer="Robin" what="the tide board"
ENV OFFICE Robin and others
EXPOSE 8000
VOLUME /data
WORKDIR /board
COPY --from=press /almanac.json /board/
COPY <<'END' /start
#!/bin/sh
chown 33 /data
exec setpriv --reuid 33 --clear-groups "$@"
END
RUN chmod 755 /start
COPY board/*.py /board/board/
HEALTHCHECK --interval=5s CMD bash -c 'exec 3<>/dev/tcp/127.0.0.1/8000; \
    printf "GET /health HTTP/1.0\r\n\r\n" >&3; timeout 2 cat <&3 | grep well'
ENTRYPOINT ["/start"]
CMD ["python3", "-m", "board"]
"""

#: A script that starts the board, and stays above it.
_SCRIPT = r"printf '#!/bin/sh\npython3 -m board\necho The board has ended.\n' > /start && chmod 755 /start"

_FETCH = "python3 -c 'import urllib.request as u; u.urlopen(\"http://tides.example/title\")'"


def _files(dockerfile: str, ignore: str = IGNORE) -> dict[str, str]:
    return {
        "write-dockerignore": f"%%writefile .dockerignore\n{ignore}",
        "write-dockerfile": f"%%writefile Dockerfile\n{dockerfile}",
        "dockerfile-in-words": "It would print the almanac each week, and the press would still be in there.",
    }


def _but(*fails: str, ignore: str = IGNORE, **changes: str) -> Story:
    """The best Dockerfile with something else in places, and the checks that see it."""
    return Story(_files("\n".join({**BEST, **changes}.values()), ignore), fails)


_BLANK = {"write-dockerignore": "", "write-dockerfile": "", "dockerfile-in-words": ""}

_TOLD_STORIES = {
    "perfect-mounted": Story(_files(_MOUNTED)),
    "perfect-steps-down": Story(_files(_STEPS_DOWN, "# Keys, wherever they are.\n**/*.key\n!board\n**/*.key\n")),
    "starter": Story(fails=["ignored", "builds"]),
    "blank": Story(_BLANK, ["ignored", "builds"]),
    "top-key-only": _but("ignored", ignore="*.key"),
    "two-keys-only": _but("ignored", ignore="gate.key\nboard/glass.key"),
    "unknown-image": _but("builds", start="FROM python:3.13"),
    "needs-a-network": _but("builds", label=f"{BEST['label']}\nRUN {_FETCH}"),
    "fetches-at-start": _but("answers", command=f"CMD {_FETCH} && exec python3 -m board"),
    "forgets-the-almanac": _but("answers", almanac=""),
    "says-no-port": _but("described", port=""),
    "maintainer": _but("described", label="MAINTAINER the harbour office"),
    "office-fixed": _but("environment", command='CMD ["env", "OFFICE=the harbour office", "python3", "-m", "board"]'),
    "office-nameless": _but("environment", office=""),
    "root": _but("user", user=""),
    "no-volume": _but("keeps", volume=""),
    "deaf": _but("ends", folder=f"{BEST['folder']} && {_SCRIPT}", command='CMD ["/start"]'),
    "no-health-check": _but("healthy", health=""),
    "always-well": _but("healthy", health="HEALTHCHECK CMD test -d /proc/1"),
    "title-before-the-press": _but("cached", printer=_PRINTER.replace("COPY press", "COPY board board\nCOPY press")),
    "press-removed-later": _but("clean", almanac="COPY --from=printer /printer .\nRUN rm -r press tables"),
    "proofs-left": _but("small", almanac="COPY --from=printer /printer/almanac.json .\nCOPY --from=printer /tmp /tmp"),
    "prints-at-start": _but(
        "cached",
        "clean",
        printer="",
        almanac="COPY press press\nCOPY tables tables\nRUN chown nobody .",
        command='CMD ["sh", "-c", "python3 press/press.py tables almanac.json && exec python3 -m board"]',
    ),
    "cheat-skip-execution": Story(fails=["ignored", "builds"], twist=skip_execution),
    "cheat-swallow": Story(fails=["ignored", "builds"], twist=swallow_errors),
}

#: Each takes twenty seconds and more, and near misses are tried in ``tests/autograder/checks`` as well.
STORIES = by_day(_TOLD_STORIES, "starter", "two-keys-only")
