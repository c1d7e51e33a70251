"""Answer each UDP packet with the same text in capital letters."""

import socket

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind(("", 5353))
    while True:
        text, sender = server.recvfrom(100)
        server.sendto(text.upper(), sender)
