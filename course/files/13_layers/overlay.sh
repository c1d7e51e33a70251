# Make a union of two folders, delete a file in it, and change another one.
mkdir /try && mount -t tmpfs none /try && cd /try
mkdir lower upper work merged
echo one > lower/a && echo two > lower/b
mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work none merged
rm merged/a && echo three >> merged/b
ls -l upper merged
