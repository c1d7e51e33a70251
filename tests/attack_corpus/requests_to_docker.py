"""Code that attacks on the daemon begin with.

``ask`` sends a request as it is and prints the answer, so that the refusal is seen. ``report`` prints REACHED only
when an attack has what it wants: the tests search for that word in the executed notebook.
"""

from __future__ import annotations

COMMON = """import docker, http.client, io, json, os, socket, subprocess, tarfile, threading, time
client, busybox, work = docker.from_env(timeout=25), "drydock/busybox:1.37", os.getcwd()
def connect():
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(25)
    line.connect("/var/run/docker.sock")
    return line
def ask(method, path, body=None, kind="application/json"):
    http_line = http.client.HTTPConnection("docker")
    http_line.sock = connect()
    if body is not None and not isinstance(body, bytes):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
    http_line.request(method, path, body, {"Content-Type": kind})
    answer = http_line.getresponse()
    text = answer.read()
    print(method, path[:100], answer.status, text[:300])
    return answer.status, text
def report(reached):
    print("REA" + "CHED" if reached else "failed")
def attempt(call, *arguments, **options):
    try:
        return call(*arguments, **options)
    except (docker.errors.DockerException, OSError) as error:
        print(str(error)[:300])
def create(**body):
    status, answer = ask("POST", "/containers/create", {"Image": busybox, **body})
    return client.containers.get(json.loads(answer)["Id"]) if status == 201 else None
def output(made):
    if made is None:
        return b""
    attempt(made.start)
    attempt(made.wait, timeout=20)
    print(made.logs()[-300:])
    return made.logs()
def grader():
    return next(one.id for one in client.containers.list() if one.name.startswith("kernel-"))
def look_around(**options):
    listing = attempt(client.containers.run, busybox, "ls -a /h /h/run/seed", remove=True, **options) or b""
    print(listing)
    report(b"server-key.pem" in listing or b"vmlinuz" in listing)
def archive(*entries):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as made:
        for name, fields, data in entries:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755
            for field, value in fields.items():
                setattr(entry, field, value)
            made.addfile(entry, io.BytesIO(data))
    return file.getvalue()
"""
