"""Near misses of exercises: commands that a student might well try, and that must not pass.

For each exercise a list of pairs: the commands, and the commands that take back what they did.
"""

from __future__ import annotations

NEAR_MISSES: dict[str, dict[str, list[tuple[str, str]]]] = {
    "03_ports": {
        "publish": [
            ("docker run -d --name first -p 80:8510 lesson/web:1 || true", "docker rm -f first"),
            ("docker run -d --name first -p 8510:81 lesson/web:1", "docker rm -f first"),
            ("docker run -d --name second -p 8510:80 lesson/web:1", "docker rm -f second"),
        ],
        "order": [("docker run -d --name swapped -p 8511:8511 lesson/web:1", "docker rm -f swapped")],
        "choose": [("docker run -d --name lucky -p 8514:80 lesson/web:1", "docker rm -f lucky")],
        "loopback": [
            ("docker run -d --name diary -p 8512:80 lesson/web:1", "docker rm -f diary"),
            ("docker run -d --name diary -p 127.0.0.1:8512:8512 lesson/web:1", "docker rm -f diary"),
        ],
        "moved": [("docker run -d --name web-two -p 8513:80 lesson/web:1", "docker rm -f web-two")],
    },
    "04_limits": {
        "memory": [
            ("docker run -d --name cabin drydock/busybox:1.37 sleep 600", "docker rm -f cabin"),
            ("docker run -d --name cabin --memory 64m drydock/busybox:1.37 true", "docker rm -f cabin"),
        ],
        "enough": [
            (
                "docker run --name report --memory 24m drydock/python:3.13 "
                "python3 -c \"print(len(b'x' * 60_000_000))\" || true",
                "docker rm -f report",
            ),
            (
                "docker run --name report drydock/python:3.13 python3 -c \"print(len(b'x' * 60_000_000))\"",
                "docker rm -f report",
            ),
        ],
        "quarter": [
            ("docker run -d --name quarter --cpu-shares 256 drydock/busybox:1.37 sleep 600", "docker rm -f quarter"),
        ],
        "retry": [
            ("docker run -d --name retry --restart on-failure:3 drydock/busybox:1.37 false", "docker rm -f retry"),
            ("docker run -d --name retry drydock/busybox:1.37 false", "docker rm -f retry"),
        ],
        "lasting": [
            (
                "docker run -d --name lasting --memory 64m --pids-limit 20 --restart always "
                "drydock/busybox:1.37 sleep 600",
                "docker rm -f lasting",
            ),
        ],
        "change": [
            ("docker update --restart on-failure free", "docker update --restart no free"),
            ("docker run -d --name freed --memory 100m drydock/busybox:1.37 sleep 600", "docker rm -f freed"),
        ],
    },
    "10_production": {
        "checked": [
            (
                'docker run -d --name checked --health-cmd "true" --health-interval 1s lesson/service:1',
                "docker rm -f checked",
            ),
            (
                'docker run -d --name checked --health-cmd "python3 ask.py /health" lesson/service:1',
                "docker rm -f checked",
            ),
        ],
        "comeback": [
            ("docker run -d --name comeback --restart unless-stopped lesson/service:1", "docker rm -f comeback"),
            ("docker run -d --name comeback --restart on-failure lesson/service:1", "docker rm -f comeback"),
        ],
        "locked": [
            (
                "docker run -d --name locked --user nobody --read-only --cap-drop ALL --memory 64m --pids-limit 50 "
                "--security-opt no-new-privileges lesson/service:1",
                "docker rm -f locked",
            ),
            (
                "docker run -d --name locked --read-only --tmpfs /tmp --cap-drop ALL --memory 64m --pids-limit 50 "
                "--security-opt no-new-privileges lesson/service:1",
                "docker rm -f locked",
            ),
            (
                "docker run -d --name locked --user nobody --read-only --tmpfs /tmp --memory 64m --pids-limit 50 "
                "lesson/service:1",
                "docker rm -f locked",
            ),
        ],
        "teller": [
            (
                "docker run -d --name teller -e WORD=marmalade drydock/busybox:1.37 sleep 600",
                "docker rm -f teller",
            ),
            (
                'echo marmalade > "$SECRETS/word"; docker run -d --name teller '
                '-v "$SECRETS/word:/run/secrets/word" drydock/busybox:1.37 sleep 600',
                "docker rm -f teller",
            ),
        ],
        "waiter": [
            ("docker run -d --name waiter drydock/busybox:1.37 sleep 600", "docker rm -f waiter"),
            ("docker run -d --name waiter --stop-timeout 1 drydock/busybox:1.37 sleep 600", "docker rm -f waiter"),
        ],
        "upgraded": [
            (
                "docker rm -f service; docker build -q -t lesson/service:3 --build-arg VERSION=3 files/10_production; "
                "docker run -d --name service -p 127.0.0.1:8621:8000 lesson/service:3",
                "docker rm -f service; docker run -d --name service -p 127.0.0.1:8621:8000 lesson/service:1",
            ),
        ],
    },
}
