"""A small web program: it answers each request with one line of text."""

from wsgiref.simple_server import make_server

TEXT = "answer 1\n"


def app(request, start_response):
    """Answer with the text that the program was started with."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [TEXT.encode()]


make_server("", 8000, app).serve_forever()
