"""Near misses of exercises: commands that a student might well try, and that must not pass.

For each exercise a list of pairs: the commands, and the commands that take back what they did.
"""

from __future__ import annotations

NEAR_MISSES: dict[str, dict[str, list[tuple[str, str]]]] = {
    "00_first_run": {
        "hello": [
            ("docker run --rm drydock/busybox:1.37 echo hello", "true"),
            ("docker run --name hello drydock/busybox:1.37 true", "docker rm hello"),
            ("docker run --name hello drydock/busybox:1.37 hello || true", "docker rm hello"),
        ],
        "release": [
            ("docker run --name release drydock/debian:13 echo /etc/os-release", "docker rm release"),
            ("docker run --name release drydock/busybox:1.37 cat /etc/hostname", "docker rm release"),
        ],
        "clock": [
            ("docker run -d --name clock drydock/busybox:1.37", "docker rm -f clock"),
            ("docker create --name clock drydock/busybox:1.37 sleep 600", "docker rm clock"),
        ],
        "twins": [
            ("docker run -d --name twin-1 drydock/busybox:1.37 sleep 600", "docker rm -f twin-1"),
            (
                "docker run -d --name twin-1 drydock/busybox:1.37 sleep 600\n"
                "docker run -d --name twin-2 drydock/debian:13 sleep 600",
                "docker rm -f twin-1 twin-2",
            ),
        ],
        "removed": [
            ("docker stop hello", "true"),
            (
                "docker rm hello release",
                "docker run --name hello drydock/busybox:1.37 echo hello\n"
                "docker run --name release drydock/debian:13 cat /etc/os-release",
            ),
        ],
    },
    "01_containers": {
        "background": [
            ("docker run -d --name workshop drydock/debian:13 bash", "docker rm -f workshop"),
            ("docker run -d -t --name workshop drydock/debian:13 bash", "docker rm -f workshop"),
            ("docker run -d -ti --name workshop drydock/debian:13 sleep 600", "docker rm -f workshop"),
        ],
        "greeting": [
            ("docker exec workshop touch /root/greeting", "docker exec workshop rm /root/greeting"),
            ("docker exec workshop sh -c 'echo Hello > /root/greeting'", "docker exec workshop rm /root/greeting"),
        ],
        "saved": [
            (
                'docker run -d --name saver drydock/debian:13 bash -c "$(cat files/01_containers/save.sh)"',
                "docker rm -f saver",
            ),
            (
                'docker run -d --name saver drydock/debian:13 bash -c "$(cat files/01_containers/save.sh)"\n'
                "until docker logs saver | grep -q ready; do sleep 0.1; done\n"
                "docker kill saver",
                "docker rm -f saver",
            ),
            ("docker run --name saver drydock/debian:13 echo saved", "docker rm -f saver"),
        ],
        "lost": [
            ("docker run --name lost drydock/busybox:1.37 /etc/passwd || true", "docker rm lost"),
            ("docker run --name lost drydock/busybox:1.37 cat /no-such-file || true", "docker rm lost"),
        ],
        "homepage": [
            ("docker run -d --name homepage drydock/busybox:1.37 httpd -f -h /site -p 80", "docker rm -f homepage"),
            ("docker run -d --name homepage drydock/busybox:1.37 sleep 600", "docker rm -f homepage"),
            ("docker run -d --name homepage drydock/busybox:1.37 httpd -f -h / -p 8080", "docker rm -f homepage"),
        ],
        "keeper": [
            ("docker run -d --name keeper drydock/busybox:1.37 sleep 1000", "docker rm -f keeper"),
            ("docker run -d --name keeper --restart always drydock/busybox:1.37 sleep 1000", "docker rm -f keeper"),
            ("docker run -d --name keeper --restart on-failure drydock/busybox:1.37 sleep 9", "docker rm -f keeper"),
        ],
    },
    "02_images": {
        "name": [("docker tag drydock/debian:13 lesson/snake:1", "docker rmi lesson/snake:1")],
        "commit": [
            ("docker run --name baker drydock/busybox:1.37 sh -c 'echo bread > /loaf'", "docker rm baker"),
            (
                "docker run --name baker -v /bakery drydock/busybox:1.37 sh -c 'echo bread > /bakery/loaf'\n"
                "docker commit baker lesson/loaf:1",
                "docker rm -v baker; docker rmi lesson/loaf:1",
            ),
        ],
        "change": [
            (
                "docker run --name quiet drydock/busybox:1.37 echo good morning\n"
                'docker commit --change \'CMD ["echo", "good"]\' quiet lesson/greeting:1',
                "docker rm quiet; docker rmi lesson/greeting:1",
            ),
        ],
        "rename": [("docker tag lesson/answer:show lesson/forty-two:1", "docker rmi lesson/forty-two:1")],
        "rescue": [("docker commit $(docker ps -a -q -n 1) lesson/rescued:1", "docker rmi lesson/rescued:1")],
    },
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
    "06_volumes": {
        "lines": [
            (
                "for n in 1 2 3; do docker run --rm -v lines:/data drydock/busybox:1.37 "
                'sh -c "echo $n > /data/lines"; done',
                "docker volume rm lines",
            ),
            (
                'docker run --name keep -v lines:/data drydock/busybox:1.37 sh -c "seq 3 > /data/lines"',
                "docker rm keep; docker volume rm lines",
            ),
        ],
        "reader": [
            (
                "docker run -d --init --name auditor -v precious:/data drydock/busybox:1.37 sleep 600",
                "docker rm -f auditor",
            ),
            (
                "docker run -d --init --name auditor -v my-site:/data:ro drydock/busybox:1.37 sleep 600",
                "docker rm -f auditor; docker volume rm my-site",
            ),
        ],
        "site": [
            (
                "docker run -d --init --name site -p 127.0.0.1:8780:80 -v my-site:/site "
                "drydock/busybox:1.37 httpd -f -h /site -p 80",
                "docker rm -f site; docker volume rm my-site",
            ),
        ],
        "scratch": [
            (
                "docker run -d --init --name scratchpad --tmpfs /scratch drydock/busybox:1.37 sleep 600",
                "docker rm -f scratchpad",
            ),
            (
                "docker run -d --init --name scratchpad -v /scratch drydock/busybox:1.37 sleep 600",
                "docker rm -f -v scratchpad",
            ),
        ],
        "duplicate": [
            ("docker volume create duplicate", "docker volume rm duplicate"),
            (
                "docker run --rm -v precious:/from:ro -v duplicate:/to drydock/busybox:1.37 cp -a /from /to",
                "docker volume rm duplicate",
            ),
        ],
    },
    "04_limits": {
        "memory": [
            ("docker run -d --name cabin drydock/busybox:1.37 sleep 600", "docker rm -f cabin"),
            ("docker run --name cabin --memory 64m drydock/busybox:1.37 true", "docker rm -f cabin"),
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
    "07_dockerfiles": {
        "tested": [
            (
                "printf 'FROM drydock/busybox:1.37\\nRUN echo welcome > /page && echo hello > /answer' "
                "| docker build -q -t lesson/tested:1 -",
                "docker rmi lesson/tested:1",
            ),
        ],
        "counter": [
            (
                'printf \'FROM drydock/busybox:1.37\\nCMD ["seq", "3"]\' | docker build -q -t lesson/counter:1 -',
                "docker rmi lesson/counter:1",
            ),
            (
                "printf 'FROM drydock/busybox:1.37\\nENTRYPOINT seq 3' | docker build -q -t lesson/counter:1 -",
                "docker rmi lesson/counter:1",
            ),
        ],
        "user": [
            (
                "printf 'FROM drydock/busybox:1.37\\nWORKDIR /srv/diary' | docker build -q -t lesson/safe:1 -",
                "docker rmi lesson/safe:1",
            ),
            (
                "printf 'FROM drydock/busybox:1.37\\nWORKDIR /srv/diary\\nUSER nobody' "
                "| docker build -q -t lesson/safe:1 -",
                "docker rmi lesson/safe:1",
            ),
        ],
        "board": [
            ("docker build -q -t lesson/board:1 $WORK/page", "docker rmi lesson/board:1"),
            (
                "docker build -q -t lesson/board:1 -f $WORK/page/early.Dockerfile $WORK/page",
                "docker rmi lesson/board:1",
            ),
            (
                "printf 'FROM lesson/page:1\\nRUN rm -rf /var/lib/apt/lists/*' | docker build -q -t lesson/board:1 -",
                "docker rmi lesson/board:1",
            ),
        ],
        "ignore": [("docker build -q -t lesson/cargo:2 $WORK/cargo", "docker rmi lesson/cargo:2")],
        "stage": [("docker build -q -t lesson/poster:tools $WORK/poster", "docker rmi lesson/poster:tools")],
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
    "11_inside": {
        "by_hand": [
            (
                "docker create --name by-hand drydock/busybox:1.37 sleep 600",
                "docker rm -f by-hand",
            ),
            ("docker run -d --name by-hand drydock/busybox:1.37 sleep 60", "docker rm -f by-hand"),
        ],
        "sidecar": [
            (
                "docker run -d --name main drydock/busybox:1.37 sleep 600; "
                "docker run -d --name sidecar drydock/busybox:1.37 sleep 600",
                "docker rm -f main sidecar",
            ),
            (
                "docker run -d --name main drydock/busybox:1.37 sleep 600; "
                "docker run -d --name sidecar --pid container:main drydock/busybox:1.37 sleep 600",
                "docker rm -f main sidecar",
            ),
        ],
        "monitor": [
            ("docker run -d --name monitor drydock/busybox:1.37 sleep 600", "docker rm -f monitor"),
            (
                "docker run -d --name monitor --pid host --cap-add NET_ADMIN drydock/busybox:1.37 sleep 600",
                "docker rm -f monitor",
            ),
        ],
        "reaper": [("docker run -d --name reaper drydock/busybox:1.37 sleep 600", "docker rm -f reaper")],
        "lister": [
            ("docker run --name lister drydock/busybox:1.37 ls /", "docker rm -f lister"),
            ("docker run --name lister -v /:/host drydock/busybox:1.37 ls /host", "docker rm -f lister"),
        ],
    },
    "05_networks": {
        "studio": [
            (
                "docker run -d --name painter drydock/busybox:1.37 httpd -f -h /etc\n"
                "docker run -d --name guest drydock/busybox:1.37 sleep 3600",
                "docker rm -f painter guest",
            ),
            (
                "docker network create studio\n"
                "docker run -d --network studio --name painter drydock/busybox:1.37 sleep 3600\n"
                "docker run -d --network studio --name guest drydock/busybox:1.37 sleep 3600",
                "docker rm -f painter guest\ndocker network rm studio",
            ),
        ],
        "between": [
            (
                "docker network create front\ndocker network create back\n"
                "docker run -d --network front --name browser drydock/busybox:1.37 sleep 3600\n"
                "docker run -d --network back --name database drydock/busybox:1.37 httpd -f -h /etc\n"
                "docker run -d --network back --name shop drydock/busybox:1.37 httpd -f -h /etc\n"
                "docker network connect front shop\ndocker network connect back browser",
                "docker rm -f browser database shop\ndocker network rm front back",
            ),
        ],
        "tourist": [
            ("docker network connect harbour visitor", "docker network disconnect harbour visitor"),
            (
                "docker run -d --network harbour --name tourist drydock/busybox:1.37 sleep 3600",
                "docker rm -f tourist",
            ),
        ],
        "sealed": [
            ("docker run -d --network island --name sealed drydock/busybox:1.37 sleep 3600", "docker rm -f sealed"),
        ],
        "lodger": [
            ("docker run -d --network bridge --name lodger drydock/busybox:1.37 sleep 3600", "docker rm -f lodger"),
            (
                "docker run -d --network container:visitor --name lodger drydock/busybox:1.37 sleep 3600",
                "docker rm -f lodger",
            ),
        ],
    },
    "12_network_wiring": {
        "lab": [
            ("docker network create lab0", "docker network rm lab0"),
            ("docker network create wires-lab", "docker network rm wires-lab"),
        ],
        "answer": [
            ("docker exec wires-host sh -c 'echo eth0 > /tmp/answer'", "docker exec wires-host rm /tmp/answer"),
        ],
        "tool": [
            (
                "docker run -d --name wires-tool --network container:wires-web drydock/busybox:1.37 sleep 3600",
                "docker rm -f wires-tool",
            ),
            (
                "docker run -d --name wires-tool --network wires-net --cap-add NET_ADMIN "
                "drydock/busybox:1.37 sleep 3600",
                "docker rm -f wires-tool",
            ),
        ],
        "local": [
            (
                "docker run -d --name wires-local -p 9101:80 drydock/busybox:1.37 httpd -f -h /etc",
                "docker rm -f wires-local",
            ),
        ],
        "inner": [
            (
                "docker network create wires-inner\n"
                "docker run -d --network wires-inner --name wires-quiet drydock/busybox:1.37 sleep 3600",
                "docker rm -f wires-quiet\ndocker network rm wires-inner",
            ),
            (
                "docker network create --internal wires-inner\n"
                "docker run -d --name wires-quiet drydock/busybox:1.37 sleep 3600",
                "docker rm -f wires-quiet\ndocker network rm wires-inner",
            ),
        ],
    },
    "13_layers": {
        "shared": [
            (
                "printf 'FROM drydock/python:3.13\\nRUN echo 1 > /a\\nRUN echo 2 > /b' "
                "| docker build -q -t lesson/shared:1 -",
                "docker rmi lesson/shared:1",
            ),
            (
                "printf 'FROM drydock/debian:13\\nRUN echo 1 > /a' | docker build -q -t lesson/shared:1 -",
                "docker rmi lesson/shared:1",
            ),
        ],
        "eraser": [
            ("docker run --name eraser drydock/debian:13 sh -c 'echo > /x; rm /x'", "docker rm eraser"),
            ("docker run --name eraser drydock/debian:13 rm /etc/hostname || true", "docker rm eraser"),
        ],
        "copier": [
            ("docker run --name copier drydock/debian:13 chmod 700 /etc/issue", "docker rm copier"),
            ("docker run --name copier drydock/debian:13 sh -c 'printf x >> /usr/bin/perl'", "docker rm copier"),
            ("docker run --name copier drydock/debian:13 cp /usr/bin/perl /copy", "docker rm copier"),
        ],
        "sealed": [
            ("docker tag lesson/mail:1 lesson/mail:2", "docker rmi lesson/mail:2"),
            (
                "docker tag lesson/flat:1 lesson/mail:2 || docker tag drydock/busybox:1.37 lesson/mail:2",
                "docker rmi lesson/mail:2",
            ),
        ],
        "flat": [
            ("docker export heap | docker import - lesson/flat:2", "docker rmi lesson/flat:2"),
            ("docker tag lesson/mail:1 lesson/flat:2", "docker rmi lesson/flat:2"),
        ],
    },
    "14_orchestration": {
        "pod": [
            (
                "docker run -d --name shop drydock/busybox:1.37 sleep 600\n"
                "docker run -d --name shop-web drydock/busybox:1.37 httpd -f -p 127.0.0.1:8080",
                "docker rm -f shop shop-web",
            ),
            (
                "docker run -d --name shop drydock/busybox:1.37 sleep 600\n"
                "docker run -d --name shop-web --network container:shop drydock/busybox:1.37 "
                'sh -c "echo open > index.html; exec httpd -f -p 8080"',
                "docker rm -f shop shop-web",
            ),
        ],
        "processes": [
            (
                "docker run -d --name worker drydock/busybox:1.37 sleep 601\n"
                "docker run --name observer drydock/busybox:1.37 ps",
                "docker rm -f worker observer",
            ),
        ],
        "discovery": [
            (
                "docker network create lesson-office\n"
                "docker run -d --name clerk-1 --network lesson-office --network-alias clerk "
                "drydock/busybox:1.37 sleep 600\n"
                "docker run -d --name clerk-2 --network lesson-office drydock/busybox:1.37 sleep 600",
                "docker rm -f clerk-1 clerk-2; docker network rm lesson-office",
            ),
        ],
        "manifest": [
            ("mkdir -p my-cluster; cp files/14_orchestration/kubernetes.yaml my-cluster/shop.yaml", "rm -r my-cluster"),
            (
                "mkdir -p my-cluster; sed -e 's/name: web/name: shop/' -e 's/app: web/app: shop/' "
                "-e 's/replicas: 2/replicas: 5/' -e 's/selector: {app: shop}/selector: {app: web}/' "
                "files/14_orchestration/kubernetes.yaml > my-cluster/shop.yaml",
                "rm -r my-cluster",
            ),
        ],
        "task": [
            (
                "mkdir -p my-cluster; cp files/14_orchestration/task-definition.json my-cluster/task.json",
                "rm my-cluster/task.json",
            ),
            (
                'echo \'{"family": "shop", "containerDefinitions": ['
                '{"name": "web", "image": "drydock/busybox:1.37", "memory": 64}, '
                '{"name": "log", "image": "drydock/busybox:1.37", "memory": 64}]}\' > my-cluster/task.json',
                "rm my-cluster/task.json",
            ),
        ],
    },
    "15_docker_machine": {
        "office": [
            (
                "docker context create lesson-office --docker host=tcp://office.example:2375",
                "docker context rm -f lesson-office",
            ),
            (
                "docker context create lesson-office --docker host=ssh://office.example",
                "docker context rm -f lesson-office",
            ),
        ],
        "same": [
            ("docker run -d --name through drydock/busybox:1.37 sleep 600", "docker rm -f through"),
            ("docker context create lesson-same", "docker context rm -f lesson-same"),
        ],
        "carry": [
            (
                'docker run -d --name traveller -v "$PWD/files/15_docker_machine:/luggage" '
                "drydock/busybox:1.37 sleep 600",
                "docker rm -f traveller",
            ),
            ("docker run -d --name traveller drydock/busybox:1.37 sleep 600", "docker rm -f traveller"),
        ],
        "volume": [("docker volume create lesson-carried", "docker volume rm lesson-carried")],
        "reporter": [("docker run --name reporter drydock/busybox:1.37 hostname", "docker rm -f reporter")],
    },
    "09_compose": {
        "page": [
            (
                'mkdir -p my-page; echo \'services: {page: {image: "drydock/busybox:1.37", command: httpd -f -p 80, '
                'ports: ["9310:80"]}}\' > my-page/compose.yaml; docker compose -f my-page/compose.yaml up -d',
                "docker compose -f my-page/compose.yaml down; rm -r my-page",
            ),
        ],
        "apart": [
            (
                "mkdir -p my-office; cp files/09_compose/office/compose.yaml my-office; "
                "docker compose -f my-office/compose.yaml up -d",
                "docker compose -f my-office/compose.yaml down; rm -r my-office",
            ),
        ],
        "waits": [
            (
                'echo \'services: {records: {networks: [house], healthcheck: {test: "true", interval: 1s}}, '
                "desk: {networks: [house], depends_on: [records]}}' > my-office/near.yaml; "
                "docker compose -f my-office/compose.yaml -f my-office/more.yaml -f my-office/near.yaml up -d --wait",
                "rm my-office/near.yaml",
            ),
        ],
        "greeting": [
            ("GREETING=welcome docker compose up -d --wait", "docker compose up -d --wait"),
            ("echo GREETING=welcome > my-stack/.env", "rm my-stack/.env"),
        ],
        "two": [("docker compose up -d --wait --scale web=1", "docker compose up -d --wait --scale web=3")],
    },
    "08_registries": {
        "pushed": [
            (
                "docker tag lesson/ship:1 127.0.0.1:8900/anna/boat:5",
                "docker rmi 127.0.0.1:8900/anna/boat:5",
            ),
            (
                "docker tag lesson/ship:2 127.0.0.1:8900/anna/boat:5; docker push -q 127.0.0.1:8900/anna/boat:5",
                "docker rmi 127.0.0.1:8900/anna/boat:5",
            ),
        ],
        "open_registry": [
            (
                "docker run -d --name open-registry -p 8901:5000 drydock/registry:2",
                "docker rm -f -v open-registry",
            ),
            (
                "docker run -d --name open-registry -p 127.0.0.1:8901:5000 drydock/registry:2",
                "docker rm -f -v open-registry",
            ),
        ],
        "pinned": [
            (
                "docker run -d --init --name pinned 127.0.0.1:8900/anna/ship:1 sleep 600",
                "docker rm -f pinned",
            ),
            (
                "docker run -d --init --name pinned 127.0.0.1:8900/anna/ship:newest sleep 600",
                "docker rm -f pinned",
            ),
        ],
        "third": [
            (
                "docker build -q -t 127.0.0.1:8900/anna/ship:3 files/08_registries; "
                "docker push -q 127.0.0.1:8900/anna/ship:3",
                "docker rmi 127.0.0.1:8900/anna/ship:3",
            ),
        ],
        "archive": [
            (
                "docker create --name crate lesson/ship:2; docker export -o ship.tar crate",
                "docker rm crate; rm ship.tar",
            ),
            ("docker save -o ship.tar drydock/busybox:1.37", "rm ship.tar"),
        ],
    },
}
