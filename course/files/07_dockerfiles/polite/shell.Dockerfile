FROM drydock/busybox:1.37
COPY polite.sh /
CMD sh /polite.sh | tee /polite.log
