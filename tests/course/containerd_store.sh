#!/bin/bash
# Runs the machine's dockerd (Docker 26) on this computer with the containerd image store, in namespaces of its own.
#
#   containerd_store.sh DISK FOLDER PATH...
#
# DISK is the machine's base disk. The daemon keeps its data in FOLDER, where `docker.sock` appears. The PATHs are
# folders of this computer that it sees, for bind mounts. All mounts and processes end with this process.
set -euo pipefail
if [ "${1:-}" != --inside ]; then
    exec unshare --net --mount --pid --fork --kill-child "$BASH" "$0" --inside "$@"
fi
disk=$2 folder=$3
shift 3
ip link set lo up
mount --make-rprivate /
mkdir -p "$folder"/{disk,upper,work,root,data,run}
mount -o loop,ro,noload "$disk" "$folder/disk"
mount -t overlay -o "lowerdir=$folder/disk,upperdir=$folder/upper,workdir=$folder/work" overlay "$folder/root"
root=$folder/root
mkdir -p "$root"/{proc,sys,dev,run,tmp,oldroot,var/lib/docker}
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount --bind "$folder/data" "$root/var/lib/docker"
mount --rbind /tmp "$root/tmp"
for path in "$@" "$folder/run"; do
    mkdir -p "$root$path"
    mount --rbind "$path" "$root$path"
done
# The machine's runtime is made for its own kernel.
rm -f "$root/usr/sbin/runc"
cp "$(PATH=$PATH:/usr/sbin command -v runc)" "$root/usr/sbin/runc"
echo '{"features": {"containerd-snapshotter": true}, "dns": ["127.0.0.1"]}' > "$root/etc/docker/daemon.json"
cd "$root"
pivot_root . oldroot
umount -l /oldroot
exec /usr/sbin/dockerd --host unix:///run/docker.sock --host "unix://$folder/run/docker.sock"
