trap "echo saved; exit 0" TERM
echo ready
while :; do sleep 0.1; done
