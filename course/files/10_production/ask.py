"""Ask the service for a path, such as ``/health``; exit with 1 if it answers with an error or not at all."""

import sys
from http.client import HTTPConnection

connection = HTTPConnection("127.0.0.1", 8000, timeout=2)
connection.request("GET", sys.argv[1])
sys.exit(connection.getresponse().status != 200)
