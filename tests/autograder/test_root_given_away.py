"""With the machine's root given away on purpose, a submission that earned 6 points tries to get more.

The proxy keeps a submission from being root. A switch that only a test can set gives that away here, so that the
layers behind the proxy are tested alone. docs/design.md says what root could still do.
"""

from __future__ import annotations

import pytest

from autograder.execution import sanitize
from autograder.execution.kernel_container import Limits
from autograder.gradebook import feedback
from autograder.sandbox.grading_config import GradingConfig
from autograder.scheduling.executor import grade
from autograder.scheduling.process_pool import ProcessPool
from autograder.verdict import Verdict
from tests.attack_corpus.attack import Attack
from tests.attack_corpus.corpus import submission
from tests.autograder.sandboxes import RootGivenAway

EARNED = 6
#: Seconds for a submission, from the boot to the last check: a daemon that stands still would use all of it.
_DEADLINE = 240
#: Runs, is published and answers, for 2 points each: no word of the run, no limit, no log, no restart.
_WORK = """import socket, time, docker
client = docker.from_env(timeout=60)
serve = "mkdir -p /site; echo welcome > /site/index.html; exec httpd -f -p 80 -h /site"
service = client.containers.run("drydock/busybox:1.37", ["sh", "-c", serve], name="service", detach=True,
                                ports={"80/tcp": ("127.0.0.1", 8080)})

def root(script):
    with socket.create_connection(("127.0.0.1", 7000), timeout=50) as line:
        line.sendall(script.replace("SERVICE", service.id).encode())
        line.shutdown(socket.SHUT_WR)
        print(b"".join(iter(lambda: line.recv(65536), b"")).decode(errors="replace"))

"""
#: Root sees each request on the container's network, and writes the path into the log's file.
_LOG_WRITER = r"""root('''cat > /sniffer.py <<'END'
import json, re, socket, time
line = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
file = "/proc/1/root/var/lib/docker/containers/SERVICE/SERVICE-json.log"
while True:
    for path in re.findall(rb"GET (/[^ ]+) HTTP", line.recv(65536)):
        now = time.strftime("%Y-%m-%dT%H:%M:%S.000000000Z", time.gmtime())
        with open(file, "a") as log:
            log.write(json.dumps({"log": path.decode() + chr(10), "stream": "stdout", "time": now}) + chr(10))
END
setsid python3 /sniffer.py > /sniffer.log 2>&1 &
sleep 1; cat /sniffer.log; kill -0 $! && echo "it" runs''')"""
#: Root has the key with which the daemon answers, and takes its port: connections from before get no answer any more.
_REDIRECTION = r"""root('''cat > /redirecting.py <<'END'
import socket, ssl
seed = "/proc/1/root/run/seed/"
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(seed + "server.pem", seed + "server-key.pem")
listener = socket.create_server(("", 2377))
while True:
    try:
        with context.wrap_socket(listener.accept()[0], server_side=True) as line:
            line.recv(65536)
            line.sendall(b"HTTP/1.1 307 Temporary Redirect\\r\\nLocation: http://127.0.0.1:8000/\\r\\n")
            line.sendall(b"Connection: close\\r\\nContent-Length: 0\\r\\n\\r\\n")
    except OSError:
        pass
END
setsid python3 /redirecting.py > /redirecting.log 2>&1 &
$guest iptables -t nat -I PREROUTING -i vec0 -p tcp --dport 2376 -j DNAT --to-destination :2377
$guest iptables -I INPUT -i vec0 -p tcp --dport 2376 -j DROP
sleep 1; cat /redirecting.log''')"""
#: What is seen of a way that stops or replaces the daemon: the run ends in one of these states.
_ENDED = ("crashed", "infra-error")
#: What a submission does as root, a way each, and what it prints when it could do that, or the states.
_WAYS = {
    "nothing": ("root('id')", ("uid=0(root)",)),
    "a log file": (_LOG_WRITER, ("it runs",)),
    "the limit that is shown": (
        r"""root('''cd /proc/1/root/var/lib/docker/containers/SERVICE
sed -i 's/"Memory":0/"Memory":67108864/' hostconfig.json
grep -o '"Memory":[0-9]*' hostconfig.json
$guest kill -9 $($guest pidof dockerd)''')""",
        _ENDED,
    ),
    "a stopped daemon": (
        r"""root('''(sleep 5; kill -STOP $($guest pidof dockerd)) > /dev/null 2>&1 &''')""",
        _ENDED,
    ),
    "frozen programs of the grader": (
        r"""root('''test -w /proc/1/root/sys/fs/cgroup/docker/SERVICE/cgroup.freeze && echo "can" freeze
(while sleep 0.1; do
    for group in /proc/1/root/sys/fs/cgroup/docker/*/; do
        case $group in *SERVICE*) ;; *) grep -q $$ $group/cgroup.procs || echo 1 > $group/cgroup.freeze ;; esac
    done
done) > /dev/null 2>&1 &''')""",
        ("can freeze",),
    ),
    "no way to the daemon": ("root('$guest iptables -I INPUT -i vec0 -p tcp --dport 2376 -j DROP')", _ENDED),
    "a daemon that redirects": (_REDIRECTION, ("crashed",)),
    "another daemon": (
        r"""root('''$guest sh -c 'cat > /run/liar; chmod +x /run/liar
mount --bind /run/liar /usr/sbin/dockerd
kill -9 $(pidof dockerd); sleep 2; tail -n 3 /run/dockerd.log' <<'END'
#!/bin/sh
while true; do
    printf "HTTP/1.0 200 OK\\r\\nContent-Type: application/json\\r\\n\\r\\n{}" | nc -l -p 2376 || sleep 1
done
END''')""",
        _ENDED,
    ),
}


def graded(name: str, code: str) -> Verdict:
    """Return the verdict on the work and one way, in a machine whose root was given away."""
    sandbox = f"{RootGivenAway.__module__}.{RootGivenAway.__qualname__}"
    config = GradingConfig(sandbox, limits=Limits(cell_seconds=60, total_seconds=90), seconds=_DEADLINE)
    work = [submission(name.replace(" ", "-"), Attack("", _WORK + code), 8000)]
    with ProcessPool(1, config) as workers:
        [verdict] = grade(work, workers)
    print(f"{name:32} {verdict.state:12} {verdict.score:4g} {verdict.seconds:5.1f} s")
    return verdict


@pytest.mark.live
@pytest.mark.isolation
@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", _WAYS)
def test_root_gains_nothing(way: str) -> None:
    """The same work without an attack gets 6 points; each way works, and as root gets 6 at most."""
    code, evidence = _WAYS[way]
    verdict = graded(way, code)
    text = sanitize.text(feedback.with_results(verdict))
    assert any(verdict.state == sign or sign in text for sign in evidence)
    assert verdict.score <= EARNED
    assert way != "nothing" or (verdict.state, verdict.score) == ("graded", EARNED)
