def application(environ, start_response):
    """WSGI entry. To try by hand: gunicorn -b 0.0.0.0:8000 wsgi:application"""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
