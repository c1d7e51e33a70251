# The same, and everything is copied first.
FROM drydock/busybox:1.37
COPY . /
RUN sh /install.sh
