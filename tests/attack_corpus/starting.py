"""Starting: containers, networks and volumes that starve the daemon, look like the grader's, or wait for it."""

from __future__ import annotations

from tests.attack_corpus.attack import ANYHOW, Attack
from tests.attack_corpus.requests_to_docker import COMMON

_CODE = {
    "restart-loops": (
        "Starts thirty containers that end at once and are always started again.",
        """for _ in range(30):
    client.containers.run(busybox, "false", restart_policy={"Name": "always"}, detach=True)""",
    ),
    "log-flood": (
        "Writes logs without end, which no limit of size ends.",
        """for _ in range(3):
    print(create(Cmd=["yes", "x" * 4000], HostConfig={"LogConfig": {"Type": "json-file",
          "Config": {"max-size": "-1"}}}))
    print(create(Cmd=["yes"], HostConfig={"LogConfig": {"Type": "json-file", "Config": {"max-size": "900g",
          "max-file": "99"}}}))
    made = create(Cmd=["yes", "x" * 4000], HostConfig={"LogConfig": {"Type": "local"}})
for one in client.containers.list(all=True, filters={"status": "created"}):
    attempt(one.start)""",
    ),
    "log-of-one-line": (
        "Has its service write a line of 300 MB, for a check that reads the last line of the log.",
        """line = ["sh", "-c", "head -c 300000000 /dev/zero | tr '\\\\0' x; sleep 900"]
client.containers.run("drydock/python:3.13", line, name="service", detach=True, mem_limit="64m",
                      ports={"80/tcp": ("127.0.0.1", 8080)})""",
    ),
    "health-check-storm": (
        "Starts twenty containers with a health check each millisecond.",
        """health = {"test": ["CMD", "true"], "interval": 1_000_000, "timeout": 10**9, "retries": 1}
for _ in range(20):
    client.containers.run(busybox, "sleep 900", healthcheck=health, detach=True)""",
    ),
    "answers-too-large": (
        "Gives containers labels of so many megabytes that a list of them is too long to read.",
        """for number in range(24):
    create(Labels={"x": "y" * 900_000}, Cmd=["true"])""",
    ),
    "commands-without-end": (
        "Makes thousands of commands in a container, which the daemon and the proxy remember.",
        """made = client.containers.run(busybox, "sleep 900", detach=True)
for number in range(3000):
    client.api.exec_create(made.id, ["true"] * 100)""",
    ),
    "slow-to-read": (
        "Sends heads and bodies that a program with patterns could need days to read, and all others would wait.",
        """bodies = {b"networks/prune": b" " * 1_000_000 + b"x", b"networks/create": b'"' + b'\\\\"' * 500_000}
requests = [b"POST /%s HTTP/1.1\\r\\nContent-Length: %d\\r\\n\\r\\n%s" % (path, len(body), body)
            for path, body in bodies.items()]
for request in (b"GET /info HTTP/1.1\\r\\na:" + b" " * 60_000 + b"\\x80\\r\\n\\r\\n", *requests):
    with connect() as line:
        attempt(line.sendall, request)
        print(attempt(line.recv, 100))
report(attempt(client.ping) is not True)""",
    ),
    "event-streams": (
        "Follows the events and the log of its containers on every connection, while these make more of them.",
        """made = client.containers.run(busybox, "yes", detach=True, log_config={"Type": "json-file"})
for _ in range(90):
    threading.Thread(target=lambda: [None for _ in made.logs(stream=True, follow=True)], daemon=True).start()
    threading.Thread(target=lambda: [None for _ in client.events()], daemon=True).start()
time.sleep(15)""",
    ),
    "networks-without-end": (
        "Makes networks until no address is left.",
        """for number in range(64):
    if attempt(client.networks.create, f"net-{number}") is None:
        break""",
    ),
    "all-ports": (
        "Publishes ten thousand ports, for each of which the daemon writes rules.",
        """ports = {f"{port}/tcp": [{"HostPort": str(port)}] for port in range(3000, 13000)}
made = create(Cmd=["sleep", "900"], HostConfig={"PortBindings": ports})
made and attempt(made.start)
for port in ("2376", "02376", "22", "2370-2380", "1-65535"):
    made = create(HostConfig={"PortBindings": {"80/tcp": [{"HostPort": port}]}})
    report(made is not None)""",
    ),
    "memory-in-a-tmpfs": (
        "Fills file systems in memory that are larger than the machine.",
        """fill = ["sh", "-c", "cat /dev/zero > /t/x; cat /dev/zero > /dev/shm/x; sleep 900"]
for _ in range(4):
    create(Cmd=fill, HostConfig={"Tmpfs": {"/t": "size=64g"}, "ShmSize": 64 << 30}).start()
time.sleep(10)""",
    ),
    "limits-lifted": (
        "Lifts the limits of processes and memory for its containers, and uses them up.",
        """host = {"PidsLimit": -1, "MemorySwap": -1, "Ulimits": [{"Name": "nproc", "Soft": -1, "Hard": -1},
        {"Name": "memlock", "Soft": -1, "Hard": -1}], "CpuShares": 262144, "OomScoreAdj": 0}
made = create(Cmd=["sh", "-c", "b() { b | b & }; b; sleep 900"], HostConfig=host)
made and attempt(made.start)
report(create(HostConfig={"OomScoreAdj": -1000}) or create(HostConfig={"CgroupParent": "/"}))
report(create(HostConfig={"OomKillDisable": True}) or create(HostConfig={"CgroupnsMode": "host"}))""",
    ),
    "names-of-the-grader": (
        "Takes names and labels as the grader's containers, networks and volumes have them.",
        """label = dict.fromkeys(("io.drydock.owner", "IO.DRYDOCK.OWNER", "io.drydock.owner "), "autograder")
for name in ("kernel-" + "0" * 12, "drydock-look-00000000", "autograder"):
    made = create(Labels=label, Hostname=name)
    attempt(made.rename, name)
    attempt(client.networks.create, name, labels=label)
    attempt(client.volumes.create, name, labels=label)
mine = [one.name for one in client.containers.list(all=True, filters={"label": "io.drydock.owner=autograder"})]
print(mine)
report(len(mine) > 1)
report("io.drydock.owner" in (client.networks.list(names=["autograder"]) or [made])[0].attrs.get("Labels", {}))""",
    ),
    "volumes-of-others": (
        "Takes and removes volumes that it didn't make.",
        """volumes = {one.name for one in client.volumes.list()}
print(volumes)
report({name for name in volumes if not work.startswith("/var/lib/docker/volumes/%s/" % name)})
for name in volumes:
    report(attempt(client.volumes.get(name).remove, force=True) and not client.volumes.list())
report(create(HostConfig={"VolumesFrom": [grader()]}))
for driver in ({"type": "none", "o": "bind", "device": "/"}, {"type": "nfs", "device": ":/", "o": "addr=10.0.2.2"}):
    report(ask("POST", "/volumes/create", {"Name": "x", "DriverOpts": driver})[0] == 201)
    mount = {"Type": "volume", "Target": "/h", "VolumeOptions": {"DriverConfig": {"Name": "local", "Options": driver}}}
    report(create(HostConfig={"Mounts": [mount]}))""",
    ),
    "settings-of-the-kernel": (
        "Changes settings of the machine's kernel through the settings that a container has for itself.",
        """for name in ("kernel.core_pattern", "net/../../kernel/core_pattern", "net.core.bpf_jit_enable",
             "fs.mqueue.msg_max", "vm.overcommit_memory", "kernel.shm_rmid_forced", "net.ipv4.ip_forward"):
    made = create(Cmd=["true"], HostConfig={"Sysctls": {name: "0"}, "NetworkMode": "bridge"})
    if made is not None:
        output(made)
script = ("echo x > /proc/sys/kernel/core_pattern && echo changed; echo b > /proc/sysrq-trigger && echo changed; "
          "cd /sys/fs/cgroup; test -f pids.max && echo 1 > pids.max && echo changed; mkdir /m; "
          "mount -t proc p /m && echo changed")
report(b"changed" in output(create(Cmd=["sh", "-c", script])))""",
    ),
    "other-runtimes": (
        "Asks for another runtime, devices, privileges and namespaces of the machine.",
        """disk = {"PathOnHost": "/dev/ubda", "PathInContainer": "/d", "CgroupPermissions": "rwm"}
for host in ({"Runtime": "io.containerd.runc.v2"}, {"Devices": [disk]},
             {"DeviceRequests": [{"Driver": "cdi", "DeviceIDs": ["x"]}]}, {"DeviceCgroupRules": ["b *:* rwm"]},
             {"UTSMode": "host"}, {"UsernsMode": "host"}, {"IpcMode": "host"}, {"PidMode": "host"},
             {"MaskedPaths": []}, {"ReadonlyPaths": []}, {"SecurityOpt": ["systempaths=unconfined"]},
             {"SecurityOpt": ["label=disable"]}, {"CapAdd": ["ALL"]}, {"CapAdd": ["cap_sys_ptrace"]},
             {"StorageOpt": {"size": "1T"}}, {"GroupAdd": ["0\\n"]}, {"Links": ["/" + grader() + ":x"]}):
    if create(HostConfig=host) and host not in ({"MaskedPaths": []}, {"ReadonlyPaths": []}):
        report(True)
for made in (create(Cmd=["cat", "/proc/timer_list", "/proc/keys"], HostConfig={name: []})
             for name in ("MaskedPaths", "ReadonlyPaths")):
    report(b"Timer List" in output(made))""",
    ),
    "time-and-limits": (
        "Combines three: restart loops, a flood of logs and a storm of health checks, all of them at once.",
        """health = {"test": ["CMD", "true"], "interval": 1_000_000, "timeout": 10**9, "retries": 1}
for _ in range(8):
    client.containers.run(busybox, "false", restart_policy={"Name": "always"}, detach=True)
    client.containers.run(busybox, "yes", healthcheck=health, detach=True, restart_policy={"Name": "always"})""",
    ),
}

#: What an attack earns without cheating: the service runs, is published and has a limit.
_EARNS = {"log-of-one-line": 5}
ATTACKS = {
    name: Attack(
        tries, COMMON + code, "the machine's limits" if "report(" not in code else "proxy", states=ANYHOW,
        combined=tries.startswith("Combines"), most=_EARNS.get(name, 0),
    )
    for name, (tries, code) in _CODE.items()
}  # fmt: skip
