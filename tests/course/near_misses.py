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
}
