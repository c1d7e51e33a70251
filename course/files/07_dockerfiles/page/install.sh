# Stands for the long part of a build: installing what the program needs.
sleep 0.5
sort /tools.txt > /installed.txt
