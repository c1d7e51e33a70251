"""Print the ids of the containers that run, asking the daemon over its socket at /docker.sock."""

import http.client
import json
import socket

connection = http.client.HTTPConnection("docker")
connection.sock = socket.socket(socket.AF_UNIX)
connection.sock.connect("/docker.sock")
connection.request("GET", "/containers/json")
print(*(container["Id"] for container in json.load(connection.getresponse())))
