"""The stories of ``devimage``: a Dockerfile that a cell writes, an image that is built of it, and a registry."""

from __future__ import annotations

from tests.stories.story import Story, by_day, skip_execution, swallow_errors

INSTALL = "RUN apt-get update && apt-get install --yes --no-install-recommends"

#: The lines of a Dockerfile that is right in every way; each story changes something.
BEST = {
    "start": "FROM drydock/workbench:13",
    "install": f"{INSTALL} jq less make nano && rm -rf /var/lib/apt/lists/*",
    "label": 'LABEL tools="jq less make nano"',
    "own": r"""RUN echo "PS1='my desk \w> '; alias ll='ls -l'" >> /etc/bash.bashrc""",
    "folder": "RUN mkdir /work && chown nobody /work",
    "workdir": "WORKDIR /work",
    "user": "USER nobody",
    "command": 'CMD ["bash"]',
}

#: A home for everybody, and a shell with a file of its own.
_ZSH = r"""FROM drydock/workbench:13
LABEL org.opencontainers.image.authors=kim tools="zsh vi less make jq"
ARG DEBIAN_FRONTEND=noninteractive
RUN <<END
set -e
apt-get update
apt-get install --yes --no-install-recommends zsh vim-tiny less make jq
echo "PROMPT='%B%~%b > '" >> /etc/zsh/zshrc
echo "zsh-newuser-install() { :; }" >> /etc/zsh/zshenv
install --directory --mode=1777 /home/kim /home/kim/desk
END
ENV HOME=/home/kim SHELL=/usr/bin/zsh LANG=C.UTF-8
USER 1000:1000
WORKDIR /home/kim/desk
ENTRYPOINT ["/usr/bin/zsh"]
"""

#: Built by the old builder, with a script in front that makes itself at home wherever it wakes up.
_ENTRY = r"""FROM drydock/workbench:13
RUN apt-get update
RUN apt-get install -y --no-install-recommends tmux curl make less
RUN groupadd --gid 1500 crew && useradd --uid 1500 --gid crew --create-home robin
RUN mkdir -p /srv/desk && chown robin:crew /srv/desk
RUN printf '#!/bin/sh\n[ -w "$HOME" ] || export HOME=/tmp\nexec "$@"\n' > /usr/local/bin/sit-down
RUN chmod 755 /usr/local/bin/sit-down
RUN echo "alias m=make" >> /etc/bash.bashrc
LABEL "tools"="tmux curl make less awk"
USER robin
WORKDIR /srv/desk
ENTRYPOINT ["sit-down"]
CMD ["bash"]
"""

#: Starts as root, and then becomes one person, whoever has started it.
_INSISTS = r"printf '#!/bin/sh\nexec setpriv --reuid 1000 --regid 1000 --clear-groups bash\n' > /insist"

OPEN = "!docker run --detach --name desk-registry --publish 127.0.0.1:8083:5000 drydock/registry:2"
BUILD = "!docker build --tag desk ."
PUSH = "!docker tag desk 127.0.0.1:8083/desk:1 && docker push --quiet 127.0.0.1:8083/desk:1"

#: What stands in the Dockerfile since the morning's push.
_EARLIER = """!sed 's/ nano / /' Dockerfile > Dockerfile.earlier
!docker build --tag desk --file Dockerfile.earlier .
!docker tag desk 127.0.0.1:8083/desk:1 && docker push --quiet 127.0.0.1:8083/desk:1
!docker build --tag desk ."""

_BY_HAND = """!docker build --tag recipe .
!docker run --name hours --user 0 recipe sh -c 'echo "alias l=ls" >> /etc/bash.bashrc'
!docker commit --change 'USER nobody' --change 'CMD ["bash"]' hours desk"""

_LOCAL = f"""!printf 'FROM drydock/workbench:13\\n{INSTALL} jq less make nano\\n' | docker build --tag my-tools -
!docker build --tag desk ."""

_PYTHON_OPEN = """from drydock.waiting import wait_for

registry = client.containers.create(
    "drydock/registry:2", name="desk-registry", ports={"5000/tcp": ("127.0.0.1", 8083)}
)
registry.start()
wait_for(lambda: b"listening on" in registry.logs(), "the registry", seconds=30)"""
_PYTHON_BUILD = 'desk, _ = client.images.build(path=".", tag="robins-desk", rm=True)'
_PYTHON_PUSH = """desk.tag("127.0.0.1:8083/desk", "2026-autumn")
print(client.images.push("127.0.0.1:8083/desk", "2026-autumn")[-200:])"""

_WORDS = "I can build it again, read it, change one line. No keys in it: who has the image has them."


def _cells(dockerfile: str, *, open_: str = OPEN, build: str = BUILD, push: str = PUSH) -> dict[str, str]:
    return {
        "open-a-registry": open_,
        "write-dockerfile": f"%%writefile Dockerfile\n{dockerfile}",
        "build-the-desk": build,
        "push-the-desk": push,
        "devimage-in-words": _WORDS,
    }


def _but(*fails: str, build: str = BUILD, push: str = PUSH, **changes: str) -> Story:
    """The best Dockerfile with something else in places, and the checks that see it."""
    return Story(_cells("\n".join({**BEST, **changes}.values()), build=build, push=push), fails)


_BLANK = dict.fromkeys(
    ["open-a-registry", "write-dockerfile", "build-the-desk", "push-the-desk", "devimage-in-words"], ""
)

_TOLD_STORIES = {
    "perfect-zsh": Story(_cells(_ZSH)),
    "perfect-python": Story(_cells(_ENTRY, open_=_PYTHON_OPEN, build=_PYTHON_BUILD, push=_PYTHON_PUSH)),
    "starter": Story(fails=["builds", "pushed"]),
    "blank": Story(_BLANK, ["builds", "pushed"]),
    "another-file": Story(
        {
            **_cells("", build="!docker build --tag desk --file Containerfile ."),
            "write-dockerfile": "%%writefile Containerfile\n" + "\n".join(BEST.values()),
        },
        ["builds"],
    ),
    "unknown-image": _but("builds", "pushed", start="FROM debian:13"),
    "three-tools": _but("tools", label='LABEL tools="jq make nano"'),
    "lists-what-is-not-there": _but("tools", label='LABEL tools="jq less make nano git"'),
    "root": _but("user", user=""),
    "top-folder": _but("folder", workdir=""),
    "folder-of-root": _but("folder", folder="RUN mkdir /work"),
    "as-it-comes": _but("own", own=""),
    "locked-home": _but(
        "owner",
        folder="RUN useradd --create-home kim && install --directory --owner=kim /home/kim/desk && chmod 700 /home/kim",
        workdir="WORKDIR /home/kim/desk",
        user="USER kim",
    ),
    "insists": _but(
        "owner",
        folder=f"RUN mkdir /work && chown 1000 /work && {_INSISTS} && chmod 755 /insist",
        user='ENTRYPOINT ["/insist"]',
    ),
    "latest": _but("pushed", push="!docker tag desk 127.0.0.1:8083/desk && docker push -q 127.0.0.1:8083/desk"),
    "another-name": _but("pushed", push=PUSH.replace("/desk:1", "/my-desk:1")),
    "pushed-too-early": _but("travels", build=_EARLIER, push=""),
    "committed-by-hand": _but("same", build=_BY_HAND),
    "leans-on-my-tools": _but("same", build=_LOCAL, start="FROM my-tools", install=""),
    "cheat-skip-execution": Story(fails=["builds", "pushed"], twist=skip_execution),
    "cheat-swallow": Story(fails=["builds", "pushed"], twist=swallow_errors),
}

#: A desk takes most of a minute to make, to push, and to make again elsewhere. These are graded by every run of the
#: tests, the others at night; ``tests/autograder/checks/test_devimage.py`` tries a near miss of each check every time.
STORIES = by_day(_TOLD_STORIES, "starter", "latest")
