# Everything is copied first.
FROM drydock/workbench:13
COPY . /
RUN apt-get update && xargs apt-get install -y --no-install-recommends < /packages.txt
